import Foundation
import Testing

/// `account`: what releases lose, and what noise a loss needs.
@Suite struct AccountTests {
  private struct Gaussian: Decodable {
    struct Accountants: Decodable {
      let analyticGaussian: Double?
      let lossDistribution: Double
      let lossDistributionLower: Double
      let renyi: Double
    }
    let unit: String
    let neighbours: String
    let epsilon: Double
    let epsilonLower: Double
    let delta: Double
    let accountant: String
    let accountants: Accountants
    let epsilonUnderReplacement: Double
    let noiseMultiplier: Double
    let steps: Int
    let samplingProbability: Double?
    let targetEpsilon: Double?
  }

  private struct Pure: Decodable {
    struct Releases: Decodable {
      let unit: String
      let epsilon: Double
      let count: Int
    }
    struct Accountants: Decodable {
      let sum: Double
      let zcdp: Double?
      let renyi: Double?
      let optimal: Double?
      let lossDistribution: Double?
      let lossDistributionLower: Double?
    }
    let releases: [Releases]
    let unit: String
    let epsilon: Double
    let epsilonLower: Double
    let accountants: Accountants
    let targetEpsilon: Double?
  }

  private func run(_ arguments: String...) throws -> Tool.Run {
    try withTemporaryFolder { try Tool.run(["account"] + arguments, in: $0) }
  }

  private static let steps = ["--steps", "1000", "--sampling-probability", "0.01"]

  private func decoded<Report: Decodable>(_ arguments: [String]) throws -> Report {
    try withTemporaryFolder { folder in
      let run = try Tool.run(["account"] + arguments + ["--json"], in: folder)
      try #require(run.code == 0 && run.words.isEmpty, "\(run.words)")
      return try run.decoded()
    }
  }

  @Test func `the epsilon of DP-SGD comes with its unit, its bounds and every accountant's`() throws
  {
    let report: Gaussian = try decoded(
      ["gaussian", "--noise-multiplier", "1", "--delta", "1e-5"] + Self.steps)
    // dp-accounting 0.6.0's PLD and RDP, in Tests/LocalPrivacyTests/Vectors.
    #expect((report.epsilon - 1.82824).magnitude < 1e-5)
    #expect((report.accountants.renyi - 2.10137).magnitude < 5e-6)
    #expect(report.epsilonLower <= report.epsilon && report.epsilonLower > 1.8282)
    #expect(report.epsilon == report.accountants.lossDistribution)
    #expect(report.accountants.lossDistributionLower == report.epsilonLower)
    #expect(report.accountants.analyticGaussian == nil)
    #expect(report.unit == "record" && report.neighbours == "zeroOut")
    #expect(report.accountant == "privacy loss distribution")
    #expect(report.epsilonUnderReplacement > 2 * report.epsilon)
    #expect(report.steps == 1000 && report.samplingProbability == 0.01 && report.delta == 1e-5)
    #expect(report.noiseMultiplier == 1 && report.targetEpsilon == nil)
  }

  @Test func `sums over every record have the analytic Gaussian's epsilon`() throws {
    let report: Gaussian = try decoded(
      ["gaussian", "--noise-multiplier", "5", "--steps", "10", "--delta", "1e-5"])
    #expect((report.epsilon - 2.59438).magnitude < 5.1e-6)
    #expect(report.accountants.analyticGaussian == report.epsilon)
    #expect(report.samplingProbability == nil)
  }

  @Test func `the noise for an epsilon gives that epsilon`() throws {
    let report: Gaussian = try decoded(
      ["gaussian", "--epsilon", "1", "--delta", "1e-5"] + Self.steps)
    #expect(report.epsilon <= 1 && report.epsilon > 0.999 && report.targetEpsilon == 1)
    #expect(report.noiseMultiplier > 1.41 && report.noiseMultiplier < 1.42)
  }

  @Test func `pure losses compose from values to the model`() throws {
    let equal: Pure = try decoded(
      ["pure", "--epsilon", "0.1", "--count", "100", "--delta", "1e-6"])
    #expect(equal.unit == "model" && equal.releases.map(\.unit) == ["value"])
    #expect((equal.epsilon - 4.77457).magnitude < 1e-5)
    #expect(abs(equal.accountants.sum - 10) < 1e-9 && equal.accountants.optimal == equal.epsilon)
    #expect((try #require(equal.accountants.zcdp) - 5.222).magnitude < 5e-4)
    #expect((try #require(equal.accountants.renyi) - 5.073).magnitude < 5e-4)
    let mixed: Pure = try decoded([
      "pure", "--epsilon", "0.1", "--count", "100", "--epsilon", "2", "--count", "1", "--delta",
      "1e-6",
    ])
    #expect(mixed.releases.map(\.count) == [100, 1] && mixed.accountants.optimal == nil)
    #expect(mixed.epsilon == mixed.accountants.lossDistribution)
    #expect(mixed.epsilonLower > 0.999 * mixed.epsilon)
    let alone: Pure = try decoded(["pure", "--epsilon", "1", "--count", "3", "--delta", "0"])
    #expect(alone.epsilon == 3 && alone.accountants.renyi == nil)
  }

  @Test func `the loss of each of many releases is found from that of all`() throws {
    let report: Pure = try decoded(
      ["pure", "--total-epsilon", "8", "--count", "100", "--delta", "1e-6"])
    #expect(report.epsilon <= 8 && report.epsilon > 7.999 && report.targetEpsilon == 8)
    #expect(report.releases[0].epsilon > 0.15 && report.releases[0].unit == "value")
  }

  @Test func `words say the unit, the neighbours and both bounds`() throws {
    let run = try run("gaussian", "--noise-multiplier", "5", "--steps", "10", "--delta", "1e-5")
    #expect(run.code == 0 && run.words.isEmpty)
    for word in ["per record", "zero-out", "at least", "replaced", "2.59438", "analytic Gaussian"] {
      #expect(run.output.contains(word), "\(run.output)")
    }
    let pure = try self.run("pure", "--epsilon", "0.1", "--count", "100", "--delta", "1e-6")
    for word in ["per model", "per value", "4.77457", "zCDP", "Kairouz"] {
      #expect(pure.output.contains(word), "\(pure.output)")
    }
  }

  static let bad: [[String]] =
    ["0", "-1", "inf", "nan", "1e300", "much"].flatMap { value in
      [
        ["gaussian", "--noise-multiplier", value, "--steps", "1", "--delta", "1e-5"],
        ["gaussian", "--noise-multiplier", "1", "--steps", "1", "--delta", value],
        ["gaussian", "--noise-multiplier", "1", "--steps", value, "--delta", "1e-5"],
        [
          "gaussian", "--noise-multiplier", "1", "--steps", "1", "--delta", "1e-5",
          "--sampling-probability", value,
        ],
        ["pure", "--epsilon", value, "--count", "1", "--delta", "0"],
        ["pure", "--epsilon", "1", "--count", value, "--delta", "0"],
        ["pure", "--total-epsilon", value, "--count", "1", "--delta", "0"],
      ]
    } + [
      ["gaussian", "--epsilon", "-1", "--steps", "1", "--delta", "1e-5"],
      ["gaussian", "--epsilon", "nan", "--steps", "1", "--delta", "1e-5"],
      ["gaussian", "--epsilon", "1e-300", "--steps", "1000", "--delta", "1e-100"],
      ["gaussian", "--steps", "1", "--delta", "1e-5"],
      [
        "gaussian", "--epsilon", "1", "--noise-multiplier", "1", "--steps", "1", "--delta", "1e-5",
      ],
      ["gaussian", "--noise-multiplier", "1", "--steps", "10000001", "--delta", "1e-5"],
      ["pure", "--epsilon", "1", "--delta", "0"],
      ["pure", "--epsilon", "1", "--epsilon", "2", "--count", "3", "--delta", "0"],
      ["pure", "--epsilon", "1", "--total-epsilon", "2", "--count", "3", "--delta", "0"],
      ["pure", "--epsilon", "1", "--count", "1", "--delta", "1"],
      ["pure", "--epsilon", "1", "--count", "1", "--delta", "-0.1"],
    ]

  @Test(arguments: bad)
  func `what can't be meant is refused with the limit`(arguments: [String]) throws {
    try withTemporaryFolder { folder in
      let run = try Tool.run(["account"] + arguments, in: folder)
      #expect(run.code == 64, "\(run.words)")
      #expect(run.output.isEmpty && !run.words.isEmpty)
    }
  }
}
