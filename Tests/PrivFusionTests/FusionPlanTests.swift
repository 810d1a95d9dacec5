import Models
import PrivFusion
import Tensors
import Testing

/// A plan is what happens: the same numbers, bytes and losses as a real session.
@Suite struct FusionPlanTests {
  private func expectAgreement(
    _ shared: SharedArchitecture, _ models: [[String: Tensor]], _ settings: FusionSettings,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let plan = try FusionPlan(shared, settings: settings, parties: models.count)
    let outcome = try fuse(shared, models, settings)
    let expectedBytes = models.map { _ in plan.byteCount }
    #expect(outcome.bytesSent == expectedBytes, sourceLocation: sourceLocation)
    #expect(plan.perValue == outcome.privacy?.perValue, sourceLocation: sourceLocation)
    #expect(plan.composed == outcome.privacy?.composed, sourceLocation: sourceLocation)
    if let privacy = outcome.privacy {
      #expect(plan.valueCount == privacy.valueCount, sourceLocation: sourceLocation)
    }
  }

  private func settings(_ epsilon: Double, votes: Double) -> FusionSettings {
    FusionSettings(
      disclosure: .randomized(epsilon: epsilon, voteEpsilon: votes), matching: .activations,
      usesFilter: false, seed: 0)
  }

  @Test(arguments: Fixtures.pairs, [0.5, 1, 4, 8])
  func `it states what a randomised session spends and sends`(
    pair: (String, String), epsilon: Double
  ) throws {
    let (a, b) = try Fixtures.pair(pair)
    let shared = try SharedArchitecture(a, probe: probe(for: a, count: 17), seed: 2)
    var settings = settings(epsilon, votes: 2 * epsilon)
    try expectAgreement(shared, [a.initializers, b], settings)
    settings.commonInitialization = a.initializers
    try expectAgreement(shared, [a.initializers, b], settings)
  }

  @Test(arguments: Fixtures.pairs)
  func `it states what an open session sends`(pair: (String, String)) throws {
    let (a, b) = try Fixtures.pair(pair)
    let shared = try SharedArchitecture(a, probe: probe(for: a, count: 17), seed: 2)
    try expectAgreement(shared, [a.initializers, b], .openAverage())
  }

  /// A batch holds 250 inputs.
  @Test(arguments: [1, 249, 250, 251, 501])
  func `it holds for any number of batches`(probes: Int) throws {
    let architecture = Architecture.mlp(inputs: 5, hidden: [7], classes: 3)
    let graph = try architecture.untrained(seed: 0)
    let shared = try SharedArchitecture(graph, probe: probe(for: graph, count: probes), seed: 2)
    let other = try architecture.untrained(seed: 1).parameters
    try expectAgreement(shared, [graph.parameters, other], settings(1, votes: 1))
    let plan = try FusionPlan(shared, settings: settings(1, votes: 1), parties: 2)
    #expect(plan.probeCount == probes)
    #expect(plan.parameterCount == 5 * 7 + 7 + 7 * 3 + 3)
    // All but the bias of the classes.
    #expect(plan.permutableCount == 5 * 7 + 7 + 7 * 3)
  }
}
