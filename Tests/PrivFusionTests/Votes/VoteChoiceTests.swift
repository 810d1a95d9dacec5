import Models
import PrivFusion
import Tensors
import Testing

/// Which reading of the votes a fusion takes, and says that it took.
@Suite struct VoteChoiceTests {
  let shared: SharedArchitecture
  let models: [[String: Tensor]]
  private let count = 400

  init() throws {
    let architecture = Architecture.mlp(inputs: 6, hidden: [8], classes: 4)
    let graph = try architecture.untrained(seed: 0)
    shared = try SharedArchitecture(graph, probe: probe(for: graph, count: count), seed: 1)
    models = [graph.parameters, graph.parameters]
  }

  private func settings(_ epsilon: Double?, filter: Bool = true) -> FusionSettings {
    FusionSettings(
      disclosure: epsilon.map { .randomized(epsilon: $0, voteEpsilon: $0) } ?? .open,
      matching: .activations, usesFilter: filter, seed: 0)
  }

  /// Two parties of one function: features that are its own outputs tell all about the votes. At
  /// epsilon 2 and 400 probes the difference of held-out log-likelihoods is above twenty of its
  /// standard errors, and no class is so rare that noise hides it.
  @Test func `randomised votes are decoded where like probes have like classes`() throws {
    var settings = settings(2)
    let name = shared.pass.graph.outputs[0].name
    let outputs = try shared.probe.batches.compactMap {
      try shared.pass.values($0, parameters: models[0], capturing: [name])[name]
    }
    let labels: [Int64] = try Tensor.concatenated(outputs).argmax(axis: 1).elements()
    let classes = labels.flatMap { label in (0..<4).map { Int($0) == Int(label) ? 1 : 0 } }
    settings.publicFeatures = try Tensor(classes.map(Float.init), shape: [count, 4])
      .adding(Tensor.normal([count, 4], seed: 3).multiplied(by: 0.1))
    let outcome = try fuse(shared, models, settings)
    let choice = try #require(outcome.voteChoice)
    #expect(choice.path == .decoded)
    #expect(choice.heldOutDecoded > choice.heldOutCounts)
    let found: [Int64] = try #require(outcome.votes).argmax(axis: 1).elements()
    #expect(zip(found, labels).filter { $0 == $1 }.count > count * 9 / 10)
  }

  @Test func `without features the inputs are compared`() throws {
    let choice = try fuse(shared, models, settings(2)).voteChoice
    #expect(choice != nil)
  }

  @Test func `there is nothing to choose without noise, nor without the filter`() throws {
    #expect(try fuse(shared, models, settings(nil)).voteChoice == nil)
    #expect(try fuse(shared, models, settings(1, filter: false)).voteChoice == nil)
  }

  @Test(arguments: [[399, 4], [400], [400, 2, 2]])
  func `features that are not a row a probe are refused`(shape: [Int]) throws {
    var settings = settings(1)
    settings.publicFeatures = try Tensor.zeros(shape)
    #expect(throws: FusionError.featureShape(found: shape, probes: count)) {
      try fuse(shared, models, settings)
    }
  }
}
