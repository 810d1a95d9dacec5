import Evaluation
import Models
import PrivFusion
import Symmetry
import Tensors
import Testing

/// What lies between parents.
@Suite struct MergePathTests {
  private let architecture = Architecture.mlp(inputs: 6, hidden: [16], classes: 4)

  private struct Parents {
    let path: MergePath
    let aligned: AlignedParents
  }

  private func parents(_ models: [[String: Tensor]]) throws -> Parents {
    let graph = try architecture.untrained(seed: 0)
    let inputs = ["x": try Tensor.normal([200, 6], seed: 3)]
    let shared = try SharedArchitecture(graph, probe: inputs, seed: 1)
    let settings = FusionSettings(
      disclosure: .open, matching: .both, usesFilter: false, seed: 0)
    let aligned = try FusionSession(shared, settings: settings).alignedParents(
      models.enumerated().map { PartyModel(name: "\($0)", parameters: $1) })
    // What the first parent sees.
    let labels: [Int64] = try Predictor(graph.replacing(models[0])).logits(inputs).argmax(axis: 1)
      .elements()
    return Parents(
      path: try MergePath(aligned, inputs: inputs, labels: labels.map(Int.init)), aligned: aligned)
  }

  /// A model and a copy whose neurons stand in another order.
  private func copies() throws -> [[String: Tensor]] {
    let graph = try architecture.untrained(seed: 5)
    let groups = try PermutationGroups(
      ForwardPass(graph), inputs: ["x": Tensor.normal([2, 6], seed: 1)])
    var generator = SeededGenerator(seed: 9)
    let permutations = groups.groups.reduce(into: [GroupID: Permutation]()) {
      $0[$1.id] = .random($1.size, using: &generator)
    }
    let original = graph.parameters
    return [
      original,
      try original.reduce(into: [:]) {
        $0[$1.key] = try groups.permuted($1.value, named: $1.key, by: permutations)
      },
    ]
  }

  /// Tolerance: single precision, where sums are made in another order.
  @Test func `between a model and its permuted copy there is no barrier after matching`() throws {
    let found = try parents(copies()).path
    #expect(found.before.barrier > 0.05)
    #expect(found.after.barrier < 1e-5)
    #expect(found.distanceBefore > 1 && found.distanceAfter < 1e-4)
    #expect(found.before.line?.count == 11 && found.after.line?.count == 11)
    #expect(found.pairwiseCycleError == nil)
  }

  @Test func `the barrier is the greatest loss above the mean of the ends`() {
    let line = MergePath.Losses(byParent: [[1, 2, 3, 4, 5, 6], [3, 4, 5, 7, 6, 6]])
    #expect(line.barrier == 5)
    #expect(line.line == [1, 2, 3, 4, 5, 6, 6, 7, 5, 4, 3])
    #expect(MergePath.Losses(byParent: [[2, 1, 1, 1, 1, 1], [2, 1, 1, 1, 1, 1]]).barrier == 0)
  }

  @Test func `three parents are looked at along their lines to the mean, and by pairs`() throws {
    let models = try (1...3).map { try architecture.untrained(seed: $0).parameters }
    let found = try parents(models)
    #expect(found.path.after.byParent.count == 3 && found.path.after.line == nil)
    let ends = found.path.after.byParent.compactMap(\.last)
    #expect(Set(ends).count == 1, "all lines end at one mean")
    let cycles = try #require(found.path.pairwiseCycleError)
    #expect((0...1).contains(cycles) && cycles > 0)
    #expect(found.path.distanceAfter < found.path.distanceBefore)
  }

  @Test func `the distance is the root mean square over pairs`() throws {
    let models = try (1...3).map { try architecture.untrained(seed: $0).parameters }
    let aligned = try parents(models).aligned
    var squares = 0.0
    let own = try (0..<3).map { try aligned.parameters(from: $0, towardsMean: 0, isMatched: false) }
    for (p, q) in [(0, 1), (0, 2), (1, 2)] {
      for (name, tensor) in own[p] {
        let other = try #require(own[q][name])
        squares += try tensor.subtracting(other).cast(to: .float64).power(2).sum().scalar()
      }
    }
    #expect(abs((squares / 3).squareRoot() / aligned.distanceBefore - 1) < 1e-5)
  }

  @Test func `an ensemble as one graph is the mean of probabilities`() throws {
    let graph = try architecture.untrained(seed: 0)
    let models = try (1...3).map { try architecture.untrained(seed: $0).parameters }
    let inputs = ["x": try Tensor.normal([20, 6], seed: 3)]
    let together = try graph.ensemble(models)
    let found = try Predictor(together).probabilities(inputs)
    let wanted = try Predictor.ensemble(models.map { try Predictor(graph.replacing($0)) }, inputs)
    #expect(try found.subtracting(wanted).largestMagnitude() < 1e-6)
    #expect(together.parameterNames.count >= 3 * graph.parameterNames.count)
  }
}
