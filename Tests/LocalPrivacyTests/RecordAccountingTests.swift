import Foundation
import LocalPrivacy
import Testing

@Suite struct RecordAccountingTests {
  struct KnownAnswers: Decodable {
    struct Poisson: Decodable {
      let q: Double
      let sigma: Double
      let steps: Int
      let delta: Double
      let rdp: Double
      let pld: Double
      let prvLower: Double
      let prvUpper: Double
      enum CodingKeys: String, CodingKey {
        case q, sigma, steps, delta, rdp, pld
        case prvLower = "prv_lower"
        case prvUpper = "prv_upper"
      }
    }
    struct Gaussian: Decodable {
      let sigma: Double
      let steps: Int
      let delta: Double
      let rdp: Double
      let pld: Double
      let exact: Double
    }
    struct Audit: Decodable {
      let m: Int
      let r: Int
      let v: Int
      let epsilon: Double
    }
    let poisson: [Poisson]
    let gaussian: [Gaussian]
    let sigmas: [String: Double]
    let audits: [Audit]
    enum CodingKeys: String, CodingKey {
      case gaussian
      case poisson = "dp_sgd_poisson"
      case sigmas = "analytic_gaussian_sigma_for_sensitivity_1_delta_1e-5"
      case audits = "one_run_audit_delta_1e-5"
    }
  }

  static func answers() throws -> KnownAnswers {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Vectors/accounting.json")
    return try JSONDecoder().decode(KnownAnswers.self, from: Data(contentsOf: file))
  }

  static func loss(
    _ sampling: GaussianProcedure.Sampling, sigma: Double, steps: Int, delta: Double
  ) throws -> RecordLoss {
    try RecordLoss(
      of: GaussianProcedure(sampling: sampling, steps: steps, noiseMultiplier: sigma),
      delta: delta)
  }

  @Test func `sums over every record lose what the analytic Gaussian does`() throws {
    let answers = try Self.answers().gaussian
    #expect(answers.count == 2)
    for answer in answers {
      let loss = try Self.loss(
        .everyRecord, sigma: answer.sigma, steps: answer.steps, delta: answer.delta)
      // Half a unit of the last digit given.
      #expect((loss.epsilon - answer.exact).magnitude < 5.1e-6)
      #expect(loss.accountant == .analyticGaussian && loss.adjacency == .zeroOut)
    }
  }

  @Test func `sampled sums are between the lower bound and half a percent above dp-accounting`()
    throws
  {
    let answers = try Self.answers().poisson
    #expect(answers.count == 2)
    for answer in answers {
      let loss = try Self.loss(
        .poisson(probability: answer.q), sigma: answer.sigma, steps: answer.steps,
        delta: answer.delta)
      #expect(loss.epsilon >= answer.prvLower)
      #expect(loss.epsilon <= answer.pld * 1.005)
      // Rounded to five digits there, and rounded up here.
      #expect(loss.epsilon >= answer.pld - 1e-5)
      #expect(loss.epsilon < answer.rdp)
      #expect(loss.accountant == .lossDistribution)
    }
  }

  /// One step with sampling has delta = q delta'(ln((e^epsilon - 1 + q) / q)), delta' being the
  /// Gaussian's own curve.
  @Test func `one sampled step is the exact curve, from above`() throws {
    for (q, sigma, delta) in [(0.01, 1.0, 1e-5), (0.5, 0.6, 1e-6), (0.1, 3, 1e-4)] {
      let inner = try Self.loss(.everyRecord, sigma: sigma, steps: 1, delta: delta / q).epsilon
      let exact = log1p(q * expm1(inner))
      let found = try Self.loss(
        .poisson(probability: q), sigma: sigma, steps: 1, delta: delta
      ).epsilon
      #expect(found >= exact * (1 - 1e-9))
      #expect(found <= exact * (1 + 1e-9))
    }
  }

  @Test func `sampling nearly every record loses what sampling every record does`() throws {
    for (sigma, steps) in [(20.0, 1000), (3, 10)] {
      let all = try Self.loss(.everyRecord, sigma: sigma, steps: steps, delta: 1e-5).epsilon
      let nearly = try Self.loss(
        .poisson(probability: 1 - 1e-9), sigma: sigma, steps: steps, delta: 1e-5
      ).epsilon
      #expect((nearly / all - 1).magnitude < 1e-4)
    }
  }

  @Test func `the loss grows with steps and probability and falls with noise and delta`() throws {
    func epsilon(_ q: Double, _ sigma: Double, _ steps: Int, _ delta: Double) throws -> Double {
      try Self.loss(.poisson(probability: q), sigma: sigma, steps: steps, delta: delta).epsilon
    }
    let base = try epsilon(0.02, 1, 200, 1e-6)
    #expect(try epsilon(0.02, 1, 400, 1e-6) > base)
    #expect(try epsilon(0.04, 1, 200, 1e-6) > base)
    #expect(try epsilon(0.02, 1.2, 200, 1e-6) < base)
    #expect(try epsilon(0.02, 1, 200, 1e-5) < base)
    #expect(
      try epsilon(0.02, 1, 200, 1e-6)
        < Self.loss(.everyRecord, sigma: 1, steps: 200, delta: 1e-6).epsilon)
    for extreme in [
      try epsilon(1e-9, 1, 1, 1e-5), try epsilon(1e-6, 1, 10_000_000, 1e-12),
      try epsilon(0.01, 1, 1000, 1e-60), try epsilon(0.999, 0.01, 100, 1e-5),
      try epsilon(0.1, 3, 10_000_000, 0.5),
    ] {
      #expect(extreme >= 0 && extreme.isFinite)
    }
  }

  @Test func `calibration meets the loss that was asked for`() throws {
    for (text, sigma) in try Self.answers().sigmas {
      let epsilon = try #require(Double(text))
      let procedure = try GaussianProcedure.calibrated(
        epsilon: epsilon, delta: 1e-5, steps: 1, sampling: .everyRecord)
      // Six digits are given.
      #expect((procedure.noiseMultiplier / sigma - 1).magnitude < 5e-6)
    }
    for (sampling, steps) in [
      (GaussianProcedure.Sampling.everyRecord, 80), (.poisson(probability: 0.05), 300),
    ] {
      for epsilon in [0.3, 8] {
        let procedure = try GaussianProcedure.calibrated(
          epsilon: epsilon, delta: 1e-5, steps: steps, sampling: sampling)
        let reached = try RecordLoss(of: procedure, delta: 1e-5).epsilon
        #expect(reached <= epsilon && reached > epsilon * (1 - 1e-3))
      }
    }
  }

  /// The pair of shifted discrete Gaussians, summed exactly: two accountants of one mechanism.
  @Test func `the discrete noise of a grant loses no more than is stated`() throws {
    for (multiplier, sensitivity) in [(1.0, 1), (0.7, 3), (3.5, 10), (2, 40)] {
      let variance = try GaussianGrid.variance(
        noiseMultiplier: multiplier, squaredSensitivity: UInt128(sensitivity * sensitivity))
      let stated = try Self.loss(.everyRecord, sigma: multiplier, steps: 1, delta: 1e-5)
      let s2 = Double(variance)
      func weight(_ x: Int) -> Double { exp(-Double(x * x) / (2 * s2)) }
      let reach = Int(40 * s2.squareRoot()) + sensitivity
      let total = (-reach...reach).reduce(0.0) { $0 + weight($1) }
      let delta = (-reach...reach).reduce(0.0) {
        $0 + max(0, weight($1) - exp(stated.epsilon) * weight($1 + sensitivity)) / total
      }
      #expect(delta <= 1e-5 * (1 + 1e-9), "multiplier \(multiplier)")
      let corrected = try GaussianGrid.loss(
        variance: variance, squaredSensitivity: UInt128(sensitivity * sensitivity),
        coordinates: 1 << 40, steps: 1, sampling: .everyRecord, delta: 1e-5)
      // The variance is rounded up to an integer, and the multiplier down in its last places.
      #expect(corrected.epsilon <= stated.epsilon * (1 + 1e-12))
      #expect(corrected.epsilon > stated.epsilon * 0.5)
    }
    #expect(
      GaussianGrid.effectiveNoiseMultiplier(variance: 4, squaredSensitivity: 1) == 0)
    #expect(throws: PrivacyError.self) {
      try GaussianGrid.loss(
        variance: 100, squaredSensitivity: 1, coordinates: (1 << 50) + 1, steps: 1,
        sampling: .everyRecord, delta: 1e-5)
    }
    #expect(throws: PrivacyError.self) {
      try GaussianGrid.variance(noiseMultiplier: 1000, squaredSensitivity: 1 << 70)
    }
  }

  @Test func `figures outside their range are refused`() throws {
    let bad: [Double] = [0, -1, .nan, .infinity, -.infinity, 1, 1.5, .greatestFiniteMagnitude]
    for value in bad {
      #expect(throws: PrivacyError.self) {
        try Self.loss(.everyRecord, sigma: 1, steps: 1, delta: value)
      }
      #expect(throws: PrivacyError.self) {
        try GaussianProcedure(
          sampling: .poisson(probability: value), steps: 1, noiseMultiplier: 1)
      }
    }
    for value in [0, -1, .nan, .infinity, -.infinity, .greatestFiniteMagnitude, 0.001] as [Double] {
      #expect(throws: PrivacyError.self) {
        try GaussianProcedure(sampling: .everyRecord, steps: 1, noiseMultiplier: value)
      }
    }
    for value in [0, -1, .nan, .infinity, -.infinity] as [Double] {
      #expect(throws: PrivacyError.self) {
        try GaussianProcedure.calibrated(
          epsilon: value, delta: 1e-5, steps: 1, sampling: .everyRecord)
      }
    }
    for steps in [0, -1, 10_000_001, .max] {
      #expect(throws: PrivacyError.self) {
        try GaussianProcedure(sampling: .everyRecord, steps: steps, noiseMultiplier: 1)
      }
    }
    // So much may be lost: the least noise that is accepted will do.
    let least = try GaussianProcedure.calibrated(
      epsilon: .greatestFiniteMagnitude, delta: 1e-5, steps: 1, sampling: .everyRecord)
    #expect(least.noiseMultiplier == 0.01)
    #expect(throws: PrivacyError.self) {
      try GaussianProcedure.calibrated(
        epsilon: .leastNonzeroMagnitude, delta: 1e-100, steps: 1000, sampling: .everyRecord)
    }
  }

  @Test func `a procedure survives being stored, and a bad one does not`() throws {
    for sampling in [GaussianProcedure.Sampling.everyRecord, .poisson(probability: 0.1)] {
      let procedure = try GaussianProcedure(sampling: sampling, steps: 7, noiseMultiplier: 1.3)
      let data = try JSONEncoder().encode(procedure)
      #expect(try JSONDecoder().decode(GaussianProcedure.self, from: data) == procedure)
    }
    let bad = #"{"sampling":"poisson","probability":2,"steps":7,"noiseMultiplier":1}"#
    #expect(throws: PrivacyError.self) {
      try JSONDecoder().decode(GaussianProcedure.self, from: Data(bad.utf8))
    }
  }

  @Test func `an audit's lower bounds are those of the paper's algorithm`() throws {
    let answers = try Self.answers().audits
    #expect(answers.count == 3)
    for answer in answers {
      let bound = try OneRunAudit.epsilonLowerBound(
        canaries: answer.m, guesses: answer.r, right: answer.v, delta: 1e-5, confidence: 0.95)
      #expect((bound - answer.epsilon).magnitude < 5.1e-6)
    }
  }

  @Test func `an audit refutes nothing from chance, and more from more right guesses`() throws {
    func bound(_ right: Int, delta: Double = 1e-5) throws -> Double {
      try OneRunAudit.epsilonLowerBound(
        canaries: 200, guesses: 100, right: right, delta: delta, confidence: 0.95)
    }
    #expect(try bound(0) == 0)
    #expect(try bound(50) == 0)
    let bounds = try (50...100).map { try bound($0) }
    #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(try bound(90, delta: 1e-3) < bound(90, delta: 0))
    for (m, r, v) in [(0, 0, 0), (10, 11, 5), (10, 5, 6), (10, -1, -1), (.max, 5, 5)] {
      #expect(throws: PrivacyError.self) {
        try OneRunAudit.epsilonLowerBound(
          canaries: m, guesses: r, right: v, delta: 1e-5, confidence: 0.95)
      }
    }
    for value in [-1, 1, .nan, .infinity] as [Double] {
      #expect(throws: PrivacyError.self) { try bound(90, delta: value) }
      #expect(throws: PrivacyError.self) {
        try OneRunAudit.epsilonLowerBound(
          canaries: 10, guesses: 10, right: 9, delta: 0, confidence: value)
      }
    }
  }
}
