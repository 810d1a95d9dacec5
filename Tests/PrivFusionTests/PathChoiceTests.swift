import Models
import PrivFusion
import Tensors
import Testing

/// How far a fusion goes, as probes held out tell.
@Suite struct PathChoiceTests {
  @Test(arguments: [(2, 2), (7, 5), (100, 5), (900, 3), (2000, 1)])
  func `every fold holds out a fifth, and as many folds are made as say enough`(
    count: Int, folds: Int
  ) {
    let held = HeldOutProbes(count: count, seed: 3)
    #expect(held.folds.count == folds)
    for fold in held.folds {
      #expect((fold.training + fold.heldOut).sorted() == Array(0..<count))
      #expect(abs(fold.heldOut.count - count / min(count, 5)) <= 1)
    }
    let all = held.folds.flatMap(\.heldOut)
    #expect(Set(all).count == all.count && held.count == all.count)
    #expect(folds < min(count, 5) || all.count == count)
  }

  /// Of 100 probes: each score has some spread.
  private func scores(_ logLikelihood: Double, _ agreement: Double) -> [PathChoice.Score] {
    (0..<100).map { probe in
      let spread = Double(probe % 5 - 2)
      return .init(
        logLikelihood: logLikelihood + 0.1 * spread, agreement: agreement + 0.01 * spread)
    }
  }

  @Test func `the adapter runs where held-out probes are more likely with it`() {
    let all = [
      FusionPath.average: scores(-2, 0.5), .filter: scores(-1, 0.8), .adapter: scores(-0.5, 0.8),
    ]
    #expect(PathSearch.best(all) == .adapter)
    #expect(PathSearch.best(all.filter { $0.key != .adapter }) == .filter)
  }

  @Test func `an adapter that is no better than its error is left out`() {
    var all = [
      FusionPath.average: scores(-2, 0.5), .filter: scores(-1, 0.8), .adapter: scores(-1, 0.8),
    ]
    #expect(PathSearch.best(all) == .filter)
    // Above by 0.01, with differences that spread by 1: their error is 0.1.
    all[.adapter] = scores(-1, 0.8).enumerated().map {
      .init(
        logLikelihood: $1.logLikelihood + ($0 % 2 == 0 ? 1.01 : -0.99), agreement: $1.agreement)
    }
    #expect(PathSearch.best(all) == .filter)
  }

  @Test func `nothing is chosen that agrees less than the average`() {
    let likely = [
      FusionPath.average: scores(-2, 0.85), .filter: scores(-1, 0.86),
      .adapter: scores(-0.5, 0.84),
    ]
    #expect(PathSearch.best(likely) == .filter)
    let filterHarms = [
      FusionPath.average: scores(-2, 0.85), .filter: scores(-1, 0.84), .adapter: scores(-3, 0.86),
    ]
    #expect(PathSearch.best(filterHarms) == .adapter)
    let bothHarm = [
      FusionPath.average: scores(-2, 0.85), .filter: scores(-1, 0.84), .adapter: scores(-1, 0.84),
    ]
    #expect(PathSearch.best(bothHarm) == .average)
  }

  private func outcome(
    _ seeds: [UInt64], epsilon: Double?, adapter: FusionSettings.Adapter?, probes: Int = 200
  ) throws -> FusionOutcome {
    let architecture = Architecture.mlp(inputs: 6, hidden: [8], classes: 4)
    let graph = try architecture.untrained(seed: 0)
    let shared = try SharedArchitecture(
      graph, probe: probe(for: graph, count: probes), seed: 1)
    var settings = FusionSettings(
      disclosure: epsilon.map { .randomized(epsilon: $0, voteEpsilon: $0) } ?? .open,
      matching: .activations, adapter: adapter, seed: 0)
    settings.choosesPath = true
    return try fuse(
      shared, seeds.map { try architecture.untrained(seed: $0).parameters }, settings)
  }

  @Test(arguments: [nil, 1.0, 8.0])
  func `what is returned agrees on held-out probes as well as the average does`(
    epsilon: Double?
  ) throws {
    let outcome = try outcome(
      [1, 2, 3], epsilon: epsilon, adapter: .init(steps: 60, rate: 1e-3, batchSize: 32))
    let choice = try #require(outcome.pathChoice)
    #expect(choice.heldOutCount == 200 && choice.scores.count == 3)
    let average = try #require(choice.scores[.average])
    let chosen = try #require(choice.scores[choice.path])
    #expect(chosen.agreement >= average.agreement)
    #expect((outcome.withoutAdapter == nil) == (choice.path == .average))
  }

  @Test func `an adapter that wrecks the network is not taken`() throws {
    let outcome = try outcome(
      [1, 2], epsilon: nil, adapter: .init(steps: 60, rate: 30, batchSize: 32))
    #expect(outcome.pathChoice?.path != .adapter)
  }

  @Test func `a model fused with itself still comes back bit for bit`() throws {
    let outcome = try outcome(
      [5, 5], epsilon: nil, adapter: .init(steps: 60, rate: 1e-3, batchSize: 32))
    let own = try Architecture.mlp(inputs: 6, hidden: [8], classes: 4).untrained(seed: 5).parameters
    for (name, tensor) in own {
      let fused = try #require(outcome.fused[name])
      #expect(try fused.isIdentical(to: tensor), "\(name)")
    }
  }

  @Test func `probes too few to hold any out decide nothing`() throws {
    #expect(try outcome([1, 2], epsilon: nil, adapter: nil, probes: 2).pathChoice == nil)
  }
}
