import LocalPrivacy
import Models
import PrivFusion
import Tensors
import Testing

/// What is said of a fusion's privacy, against what is sent.
@Suite struct PrivacyStatementTests {
  let probes = 30
  let graph: ModelGraph
  let shared: SharedArchitecture
  let models: [[String: Tensor]]
  /// 12 · 8 + 8 + 8 · 6 + 6 + 6 · 4 + 4 parameters.
  let parameterCount = 186
  /// The scales of three weights, the signatures of 8 + 6 units, the parameters; votes come on top.
  var numberCount: Int { 3 + probes * (8 + 6) + parameterCount }

  init() throws {
    let architecture = Architecture.mlp(inputs: 12, hidden: [8, 6], classes: 4)
    graph = try architecture.untrained(seed: 0)
    shared = try SharedArchitecture(graph, probe: probe(for: graph, count: probes), seed: 1)
    models = try (0..<3).map { try architecture.untrained(seed: $0).parameters }
  }

  private func settings(
    epsilon: Double, votes: Double? = nil, _ matching: FusionSettings.Matching = .activations,
    seed: UInt64 = 0
  ) -> FusionSettings {
    FusionSettings(
      disclosure: .randomized(epsilon: epsilon, voteEpsilon: votes ?? epsilon),
      matching: matching, usesFilter: false, seed: seed)
  }

  private func statement(_ settings: FusionSettings) throws -> PrivacyStatement {
    try #require(fuse(shared, models, settings).privacy)
  }

  @Test func `every number of the model, its signatures, scales and votes is debited`() throws {
    let statement = try statement(settings(epsilon: 1))
    #expect(statement.valueCount == numberCount + probes)
    #expect(statement.unit == .value)
    #expect(statement.composed.unit == .model)
    // A mechanism's own loss is within 1e-6 of what was asked for, and never above.
    #expect(statement.perValue <= 1 && statement.perValue > 1 - 1e-6)
    let sum = Double(numberCount + probes)
    #expect(statement.composed.basic <= sum * (1 + 1e-12))
    #expect(statement.composed.basic > sum * (1 - 1e-6))
  }

  /// At epsilon 0.5 every number is one bit of Duchi's mechanism, and a vote of 4 classes two.
  @Test func `a party sends as many bits as its messages have`() throws {
    let outcome = try fuse(shared, models, settings(epsilon: 0.5))
    let arrays = [1, 1, 1, 8 * probes, 6 * probes, 96, 8, 48, 6, 24, 4, 2 * probes]
    let bytes = arrays.reduce(0) { $0 + ($1 + 7) / 8 }
    #expect(outcome.bytesSent == [bytes, bytes, bytes])
  }

  @Test(arguments: [(1.0, 3.0), (3.0, 1.0)])
  func `the loss of a value is the greatest, a vote's included`(
    epsilon: Double, votes: Double
  ) throws {
    let statement = try statement(settings(epsilon: epsilon, votes: votes))
    #expect(abs(statement.perValue - 3) < 3e-6)
    let sum = Double(numberCount) * epsilon + Double(probes) * votes
    #expect(abs(statement.composed.basic - sum) < 1e-6 * sum)
    let plan = try FusionPlan(
      shared, settings: settings(epsilon: epsilon, votes: votes), parties: 3)
    #expect(plan.perValue == statement.perValue)
  }

  @Test func `with all models in one hand there is no statement`() throws {
    let outcome = try fuse(shared, models, .openAverage())
    #expect(outcome.privacy == nil)
    #expect(outcome.bytesSent.allSatisfy { $0 > 4 * parameterCount })
  }

  @Test(arguments: [FusionSettings.Matching.weights, .both, .joint])
  func `private weights are not matched by`(matching: FusionSettings.Matching) throws {
    #expect(throws: FusionError.privateWeightMatching) {
      try fuse(shared, models, settings(epsilon: 1, matching))
    }
  }

  /// Two equal averages of 186 numbers of 2 outputs each have a probability below 2^-186.
  @Test func `the noise does not come from the seed`() throws {
    let runs = try (0..<2).map { _ in try fuse(shared, models, settings(epsilon: 1, seed: 7)).fused
    }
    for name in graph.parameterNames where name.hasSuffix("weight") {
      let (a, b) = (try #require(runs[0][name]), try #require(runs[1][name]))
      #expect(try !a.isIdentical(to: b), "\(name)")
    }
  }

  @Test(arguments: [0, -1, .nan, .infinity, 20.5, 1e-4])
  func `a loss outside the mechanisms' range is refused`(epsilon: Double) throws {
    #expect(throws: PrivacyError.self) {
      try fuse(shared, models, settings(epsilon: epsilon))
    }
    #expect(throws: PrivacyError.self) {
      try fuse(shared, models, settings(epsilon: 1, votes: epsilon))
    }
    #expect(throws: PrivacyError.self) {
      try FusionPlan(shared, settings: settings(epsilon: epsilon), parties: 2)
    }
  }

  @Test func `a probe of one input is refused`() throws {
    #expect(throws: FusionError.tooFewProbes(1)) {
      try SharedArchitecture(graph, probe: probe(for: graph, count: 1), seed: 0)
    }
  }

  @Test func `fusing no model is refused`() {
    #expect(throws: FusionError.noParties) { try fuse(shared, [], .openAverage()) }
  }
}
