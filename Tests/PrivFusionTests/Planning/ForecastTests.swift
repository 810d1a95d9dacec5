import LocalPrivacy
import Models
import PrivFusion
import Tensors
import Testing

@Suite struct ForecastTests {
  /// At epsilon ln 3 Duchi's outputs are +-2: a variance of 4 - t^2. A normal number clipped to one
  /// deviation has a mean square of 0.5160585 (tables of the normal distribution).
  @Test func `a message's signal to noise is that of clipped normal numbers`() throws {
    let graph = try Architecture.mlp(inputs: 5, hidden: [4], classes: 3).untrained(seed: 0)
    let shared = try SharedArchitecture(graph, probe: probe(for: graph, count: 10), seed: 0)
    let epsilon = 1.0986122886681098
    let settings = FusionSettings(
      disclosure: .randomized(epsilon: epsilon, voteEpsilon: epsilon), matching: .activations,
      seed: 0)
    let signals = try FusionPlan(shared, settings: settings, parties: 1).signals
    let weight = try #require(signals.first { $0.name == "fc1.weight" })
    #expect(weight.kind == .weights && weight.count == 20)
    #expect(abs(weight.signalToNoise - 0.5160585 / (4 - 0.5160585)) < 1e-4)
    // Three classes, kept at 3 : 1 : 1. The indicator's estimate is (x - 0.2) / 0.4.
    let votes = try #require(signals.first { $0.kind == .votes })
    let variance = (0.6 * 0.4 + 2 * 0.2 * 0.8) / 3 / (0.4 * 0.4)
    #expect(abs(votes.signalToNoise - 2.0 / 9 / variance) < 1e-6)
  }

  @Test(arguments: [1, 2, 100, 235_146], [0, 1e-9, 1e-5])
  func `an equal share of a whole budget is the greatest that keeps within it`(
    count: Int, delta: Double
  ) throws {
    func composed(_ each: Double) throws -> Double {
      let all = try Expenditure(
        name: "all", count: count, epsilon: each, unit: .value, mechanismName: "any")
      return try Composition(ofModel: [all]).loss(delta: delta).tightest
    }
    for epsilon in [0.1, 8, 1000] {
      let each = try ModelBudget.epsilonPerValue(count: count, epsilon: epsilon, delta: delta)
      #expect(try composed(each) <= epsilon)
      #expect(try composed(each * (1 + 1e-4)) > epsilon)
      if delta == 0 { #expect(each <= epsilon / Double(count) * (1 + 1e-12)) }
    }
  }

  @Test(arguments: [0, -1, Double.nan, .infinity])
  func `a budget that is no loss has no share`(epsilon: Double) {
    #expect(throws: PrivacyError.self) {
      try ModelBudget.epsilonPerValue(count: 10, epsilon: epsilon, delta: 1e-5)
    }
  }

  private func records(
    parties: Int = 100, records: Int = 580, epsilon: Double = 1
  ) throws -> RecordForecast {
    try RecordForecast(
      parties: parties, records: records, epsilon: epsilon, delta: 1e-5, features: 200,
      classes: 10, pooledAccuracy: 0.91)
  }

  /// The analytic Gaussian's deviation at (1, 1e-5) is 3.73063 (Balle, Wang 2018).
  @Test func `a head's signal to noise follows from records, noise and numbers`() throws {
    let forecast = try records()
    #expect(abs(forecast.noiseMultiplier - 3.73063) < 1e-4)
    let pull = 580 / forecast.noiseMultiplier
    #expect(abs(forecast.signalToNoise - pull * pull / 2010) < 1e-9)
    // Measured: 63.3 % alone, 85.9 % fused.
    #expect(forecast.alone.range.contains(0.633) && forecast.fused.range.contains(0.859))
    #expect(!forecast.fused.isNoise)
  }

  @Test func `more parties, records and loss never predict less`() throws {
    let all = try [
      [1, 2, 10, 100, 10_000].map { try records(parties: $0) },
      [1, 10, 100, 10_000, 10_000_000].map { try records(records: $0) },
      [0.01, 0.1, 1, 8, 100].map { try records(epsilon: $0) },
    ]
    for forecasts in all {
      let accuracies = forecasts.map(\.fused.expected)
      #expect(accuracies == accuracies.sorted())
      #expect(accuracies.allSatisfy { (0.1...0.91).contains($0) })
    }
    #expect(try records(parties: 1, records: 1).fused.isNoise)
    #expect(try records(parties: 1).fused == records(parties: 7).alone)
  }
}
