import LocalPrivacy
import Models
import PrivFusion
import Tensors
import Testing

@Suite struct MessagePlanTests {
  private func shared(
    inputs: Int, hidden: [Int], classes: Int = 10, probes: Int
  ) throws -> SharedArchitecture {
    let graph = try Architecture.mlp(inputs: inputs, hidden: hidden, classes: classes)
      .untrained(seed: 0)
    return try SharedArchitecture(graph, probe: probe(for: graph, count: probes), seed: 0)
  }

  private func plan(
    _ shared: SharedArchitecture, parties: Int, model epsilon: Double, delta: Double = 1e-5,
    hasFeatures: Bool = false
  ) throws -> MessagePlan {
    try MessagePlan(
      shared, parties: parties, budget: .wholeModel(epsilon: epsilon, delta: delta),
      partyAccuracy: 0.85, hasFeatures: hasFeatures)
  }

  @Test func `weights of 235,146 parameters at a whole-model epsilon of 8 are noise`() throws {
    let network = try shared(inputs: 784, hidden: [256, 128], probes: 500)
    #expect(network.pass.graph.parameterCount == 235_146)
    let plan = try plan(network, parties: 10, model: 8)
    #expect(plan.options.map(\.selection) == [.lastSignature, .signatures, .everything])
    #expect(plan.options.allSatisfy { $0.isNoise })
    #expect(plan.chosen == nil)
    // The weights themselves: a hundred-thousandth of what they would have to be.
    let weights = try #require(plan.option(for: .everything)).signals.filter { $0.kind == .weights }
    #expect(weights.count == 6 && weights.allSatisfy { 10 * $0.signalToNoise < 1e-4 })
  }

  @Test func `a hundred weights of a thousand parties are accepted at the same epsilon`() throws {
    let linear = try shared(inputs: 9, hidden: [], probes: 200)
    #expect(linear.pass.graph.parameterCount == 100)
    let plan = try plan(linear, parties: 1000, model: 8)
    let option = try #require(plan.chosen)
    #expect(option.selection == .everything && !option.isNoise)
    #expect(option.forecast.expected > 0.5)
  }

  /// The same epsilon is noise or not by what is predicted: parties, numbers and the task decide.
  @Test func `no epsilon decides by itself`() throws {
    let linear = try shared(inputs: 9, hidden: [], probes: 200)
    #expect(try plan(linear, parties: 10, model: 1).chosen == nil)
    #expect(try plan(linear, parties: 100_000, model: 1).chosen != nil)
    #expect(try plan(linear, parties: 2, model: 1_000).chosen != nil)
    for parties in [1, 10, 100, 1000] {
      for epsilon in [0.5, 8, 100] {
        let plan = try plan(linear, parties: parties, model: epsilon, hasFeatures: true)
        let isNoise = plan.options.allSatisfy { $0.isNoise }
        #expect((plan.chosen == nil) == isNoise)
      }
    }
  }

  /// Ten classes: a guess is right at a tenth.
  @Test(arguments: [0, 0.05, 0.1])
  func `parties that know no more than a guess send noise`(partyAccuracy: Double) throws {
    let linear = try shared(inputs: 9, hidden: [], probes: 200)
    for budget in [
      MessagePlan.Budget.wholeModel(epsilon: 0.01, delta: 0),
      .eachValue(epsilon: 8, voteEpsilon: 8),
    ] {
      let plan = try MessagePlan(
        linear, parties: 1000, budget: budget, partyAccuracy: partyAccuracy, hasFeatures: true)
      #expect(plan.chosen == nil && plan.options.allSatisfy { $0.isNoise })
    }
  }

  @Test func `the cheapest of those that serve as well is chosen`() throws {
    let network = try shared(inputs: 20, hidden: [8, 6], probes: 300)
    let plan = try MessagePlan(
      network, parties: 5, budget: .eachValue(epsilon: 4, voteEpsilon: 4), partyAccuracy: 0.85,
      hasFeatures: true)
    let chosen = try #require(plan.chosen)
    let best = plan.options.map(\.forecast.expected).max() ?? 1
    #expect(chosen.forecast.expected >= best - PredictedVoteAccuracy.meanError)
    for option in plan.options where option.valueCount < chosen.valueCount {
      #expect(option.isNoise || option.forecast.expected < best - PredictedVoteAccuracy.meanError)
    }
    #expect(
      zip(plan.options, plan.options.dropFirst()).allSatisfy { $0.valueCount < $1.valueCount })
  }

  @Test(arguments: [0, 1e-5], MessageSelection.allCases)
  func `no set of messages costs more than the whole model may`(
    delta: Double, selection: MessageSelection
  ) throws {
    let network = try shared(inputs: 20, hidden: [8, 6], probes: 50)
    for epsilon in [1, 8, 500.0] {
      let plan = try plan(network, parties: 50, model: epsilon, delta: delta, hasFeatures: true)
      guard let composed = try #require(plan.option(for: selection)).composed else { continue }
      #expect(composed.unit == .model && composed.delta <= delta)
      #expect(composed.tightest <= epsilon)
    }
  }

  /// What a session then sends.
  @Test(arguments: MessageSelection.allCases)
  func `a plan counts what a session sends`(selection: MessageSelection) throws {
    let architecture = Architecture.mlp(inputs: 6, hidden: [7, 5], classes: 3)
    let graph = try architecture.untrained(seed: 0)
    let shared = try SharedArchitecture(graph, probe: probe(for: graph, count: 40), seed: 0)
    let plan = try MessagePlan(
      shared, parties: 2, budget: .eachValue(epsilon: 2, voteEpsilon: 3), partyAccuracy: 0.8,
      hasFeatures: true)
    let option = try #require(plan.option(for: selection))
    var settings = FusionSettings(
      disclosure: .randomized(epsilon: 2, voteEpsilon: 3), matching: .activations, seed: 0)
    settings.messages = selection
    let outcome = try fuse(
      shared, [graph.parameters, architecture.untrained(seed: 1).parameters], settings)
    #expect(outcome.bytesSent == [option.byteCount, option.byteCount])
    #expect(outcome.privacy?.valueCount == option.valueCount)
    #expect(outcome.privacy?.composed == option.composed)
    #expect(
      option.epsilonPerValue <= 3 && option.signals.map(\.count).reduce(0, +) == option.valueCount)
  }

  @Test func `a network that is more than layers can't do without its weights`() throws {
    let (graph, other) = try Fixtures.pair(("transformer-a-legacy-17", "transformer-b-legacy-17"))
    let shared = try SharedArchitecture(graph, probe: probe(for: graph, count: 12), seed: 0)
    var settings = FusionSettings(
      disclosure: .randomized(epsilon: 2, voteEpsilon: 2), matching: .activations, seed: 0)
    settings.messages = .signatures
    #expect(throws: FusionError.self) { try fuse(shared, [graph.initializers, other], settings) }
    let plan = try MessagePlan(
      shared, parties: 2, budget: .eachValue(epsilon: 2, voteEpsilon: 2), partyAccuracy: 0.8,
      hasFeatures: true)
    #expect(plan.options.map(\.selection) == [.votes, .everything])
  }

  @Test func `less than everything is for randomised messages`() throws {
    let shared = try shared(inputs: 4, hidden: [3], probes: 8)
    var settings = FusionSettings(disclosure: .open, matching: .both, seed: 0)
    settings.messages = .votes
    #expect(throws: FusionError.openSelection(.votes)) {
      try FusionSession(shared, settings: settings)
    }
  }
}
