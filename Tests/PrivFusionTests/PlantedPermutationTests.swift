import Models
import PrivFusion
import Symmetry
import Tensors
import Testing

/// A network that a planted permutation is hidden in.
struct PlantedNetwork: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let architecture: Architecture

  static let all = [
    PlantedNetwork(
      testDescription: "mlp", architecture: .mlp(inputs: 12, hidden: [16, 10], classes: 4)),
    PlantedNetwork(
      testDescription: "cnn",
      architecture: .cnn(
        channels: 1, height: 6, width: 6, classes: 4, batchNormalization: false)),
    PlantedNetwork(
      testDescription: "residual",
      architecture: .resnet(
        channels: 2, height: 4, width: 4, blocks: [1, 1], widths: [6, 8], classes: 3)),
  ]

  /// Fresh parameters, normalisation and biases included: nothing is zero or one by chance.
  func parameters(seed: UInt64) throws -> [String: Tensor] {
    let graph = try architecture.untrained(seed: seed)
    var generator = SeededGenerator(seed: seed)
    return try graph.parameters.sorted { $0.key < $1.key }.reduce(into: [:]) { result, entry in
      let (name, tensor) = entry
      guard tensor.rank == 1 else {
        result[name] = tensor
        return
      }
      let noise = try Tensor.uniform(tensor.shape, seed: generator.next())
      let isScale = name.hasSuffix("running_var") || name.hasSuffix("weight")
      result[name] = isScale ? try noise.adding(0.5) : try noise.adding(-0.5)
    }
  }
}

@Suite struct PlantedPermutationTests {
  /// 100 seeds each, and not one may fail.
  ///
  /// Tolerance: single precision, where the copies of a unit are summed in another order.
  @Test(arguments: PlantedNetwork.all, FusionSettings.Matching.allCases)
  func `a model and its permuted copy fuse to its own function`(
    network: PlantedNetwork, matching: FusionSettings.Matching
  ) throws {
    let graph = try network.architecture.untrained(seed: 0)
    let inputs = try probe(for: graph, count: 24)
    let shared = try SharedArchitecture(graph, probe: inputs, seed: 1)
    let groups = try PermutationGroups(ForwardPass(graph), inputs: probe(for: graph, count: 2))
    #expect(groups.groups.count == shared.groups.groups.count)
    var recovered = 0
    for seed in 0..<100 as Range<UInt64> {
      let original = try network.parameters(seed: seed)
      var generator = SeededGenerator(seed: ~seed)
      let permutations = groups.groups.reduce(into: [GroupID: Permutation]()) {
        $0[$1.id] = .random($1.size, using: &generator)
      }
      let copy = try original.reduce(into: [:]) {
        $0[$1.key] = try groups.permuted($1.value, named: $1.key, by: permutations)
      }
      let expected = try output(of: graph, inputs, parameters: original)
      #expect(
        try relativeDifference(output(of: graph, inputs, parameters: copy), expected) < 1e-5)
      let fused = try fuse(shared, [original, copy], .openAverage(matching)).fused
      let found = try output(of: graph, inputs, parameters: fused)
      if try relativeDifference(found, expected) < 1e-5 { recovered += 1 }
    }
    // Without matching the average of the two is another function.
    #expect(recovered == (matching == .none ? 0 : 100))
  }
}
