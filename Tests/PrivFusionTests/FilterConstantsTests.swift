import Foundation
import ModelFormats
import Models
import PrivFusion
import Tensors
import Testing

/// The constants of the filter and the adapter.
@Suite struct FilterConstantsTests {
  private static let adapter = FusionSettings.Adapter(steps: 20, rate: 1e-2, batchSize: 32)

  /// What is fitted, whether it is randomised, and from a common start.
  private struct Situation: Sendable {
    var epsilon: Double? = 4
    var hasCommonStart = false
    var hasClasses = true
    var adapter: FusionSettings.Adapter?
  }

  private func messages(_ situation: Situation) throws -> FusionMessages {
    let architecture = Architecture.mlp(
      inputs: 6, hidden: [8, 5], classes: situation.hasClasses ? 4 : 1)
    let graph = try architecture.untrained(seed: 0)
    let shared = try SharedArchitecture(graph, probe: probe(for: graph, count: 60), seed: 1)
    var settings = FusionSettings(
      disclosure: situation.epsilon.map { .randomized(epsilon: $0, voteEpsilon: $0) } ?? .open,
      matching: .activations, adapter: situation.adapter, seed: 0)
    settings.keepsMessages = true
    if situation.hasCommonStart { settings.commonInitialization = graph.parameters }
    let outcome = try fuse(
      shared, [1, 2, 3].map { try architecture.untrained(seed: $0).parameters }, settings)
    return try #require(outcome.messages)
  }

  private func isSame(_ a: [String: Tensor], _ b: [String: Tensor]) throws -> Bool {
    try a.allSatisfy { try b[$0.key]?.isIdentical(to: $0.value) ?? false } && a.count == b.count
  }

  /// As in the article on the filter. Those of targets, priors and errors are in the known answer too,
  /// which `FilterVectorTests` compares.
  @Test func `the constants are those that are documented`() {
    let constants = FilterConstants.standard
    #expect(constants.leastUnitVariance == 0.1 && constants.levelShare == 0.5)
    #expect(constants.leastSignal == 1e-3)
    #expect(constants.priorPower == 1 && constants.outputPriorPower == 1)
    #expect(constants.weightError == 0.3 && constants.targetError == 0.2)
    #expect(constants.kappaWithVotes == 0.3 && constants.kappaWithoutVotes == 1)
    #expect(constants.openLambda == 0.003 && constants.openLambdaOfFewProbes == 0.01)
    #expect(constants.manyProbes == 500)
    #expect(constants.commonLambdaWithVotes == 0.3 && constants.commonLambdaWithoutVotes == 0.1)
    #expect(constants.outputLambdaWithVotes == 0.03 && constants.outputLambdaWithoutVotes == 0.01)
    #expect(constants.layerWeight == 1)
  }

  @Test(arguments: [nil, 4.0])
  func `messages fitted again give the same model, and leave the messages as they were`(
    epsilon: Double?
  ) throws {
    let messages = try messages(Situation(epsilon: epsilon, adapter: Self.adapter))
    let first = try messages.fit()
    let changed = try messages.fit { $0.filterConstants.outputLambdaWithVotes = 1 }
    #expect(try isSame(first.parameters, changed.parameters) == (epsilon == nil))
    #expect(try isSame(messages.fit().parameters, first.parameters))
    #expect(try isSame(messages.outcome().fused, first.parameters))
    #expect(first.heldOut != nil)
  }

  /// Each constant in a situation that it is for, and in one that it is not for.
  @Test func `every constant changes what it is for, and nothing else`() throws {
    let (noisy, open) = (Situation(), Situation(epsilon: nil))
    let common = Situation(hasCommonStart: true)
    let openCommon = Situation(epsilon: nil, hasCommonStart: true)
    let noClasses = Situation(hasClasses: false)
    let adapted = Situation(adapter: Self.adapter)
    typealias Constant = WritableKeyPath<FilterConstants, Double>
    let cases: [(Constant, for: Situation, not: Situation?)] = [
      (\.leastUnitVariance, noisy, nil), (\.levelShare, noisy, nil), (\.leastSignal, noisy, open),
      (\.priorPower, noisy, open), (\.outputPriorPower, noisy, open), (\.weightError, noisy, open),
      (\.targetError, noisy, common), (\.kappaWithVotes, noisy, noClasses),
      (\.kappaWithoutVotes, noClasses, noisy), (\.openLambdaOfFewProbes, open, noisy),
      (\.commonLambdaWithVotes, common, openCommon),
      (\.commonLambdaWithoutVotes, openCommon, common), (\.outputLambdaWithVotes, noisy, open),
      (\.outputLambdaWithoutVotes, open, noisy), (\.layerWeight, adapted, noisy),
    ]
    for (constant, situation, other) in cases {
      func changes(_ situation: Situation) throws -> Bool {
        let messages = try messages(situation)
        let changed = try messages.outcome {
          let usual = $0.filterConstants[keyPath: constant]
          $0.filterConstants[keyPath: constant] = usual == 1 ? 0.4 : 1
        }
        return try !isSame(messages.outcome().fused, changed.fused)
      }
      #expect(try changes(situation), "\(constant)")
      if let other { #expect(try !changes(other), "\(constant)") }
    }
  }

  @Test func `without noise, how many probes there are decides lambda`() throws {
    let messages = try messages(Situation(epsilon: nil))
    func fused(_ change: (inout FilterConstants) -> Void) throws -> [String: Tensor] {
      try messages.outcome { change(&$0.filterConstants) }.fused
    }
    let many = try fused { $0.manyProbes = 60 }
    #expect(try isSame(many, fused { $0.openLambdaOfFewProbes = $0.openLambda }))
    #expect(try !isSame(many, fused { $0.manyProbes = 61 }))
  }

  @Test func `without weights nothing of the average is left in the layers`() throws {
    let messages = try messages(Situation(epsilon: nil))
    let without = try messages.withoutWeights().outcome { $0.usesFilter = false }.fused
    #expect(try !isSame(without, messages.outcome { $0.usesFilter = false }.fused))
  }
}
