import Foundation
import LocalPrivacy
import PrivacyAudit
import Testing

/// An honest release's correlation is outside what its noise allows in at most one of 10^9 runs.
@Suite struct ReconstructionAuditTests {
  private static let confidence = 1 - 1e-9

  /// Releases a ramp through one mechanism and states another one's noise.
  private func finding(epsilon: Double, claimed: Double) throws -> ReconstructionAudit.Finding {
    let weights = (0..<20_000).map { Float($0 % 201 - 100) / 100 }
    let clipped = try Clipped(weights, radius: 1)
    var ledger = BudgetLedger(budget: nil)
    let honest = ReconstructionAudit.Reconstruction(
      "ramp", of: clipped,
      released: try ledger.release(
        clipped, through: NumericMechanism(.hybrid, epsilon: epsilon), as: "ramp"))
    let stated = try NumericMechanism(.hybrid, epsilon: claimed)
    // C of the claim, and the truth's 1.
    let greatestError = (exp(claimed / 2) + 1) / (exp(claimed / 2) - 1) + 1.01
    return try ReconstructionAudit(confidence: Self.confidence).finding(
      on: .init(
        name: honest.name, truth: honest.truth, estimates: honest.estimates,
        noiseVariances: honest.truth.map { stated.variance(at: $0) },
        greatestError: greatestError, epsilon: claimed))
  }

  @Test(arguments: [0.5, 1, 4, 8])
  func `released weights correlate with the truth as the stated noise says`(epsilon: Double)
    throws
  {
    let gaussian = try ReconstructionAudit(confidence: Self.confidence).gaussianFinding(
      values: 20_000, epsilon: epsilon)
    for finding in [gaussian, try finding(epsilon: epsilon, claimed: epsilon)] {
      #expect(finding.verdict == .notRefuted, "\(finding)")
      #expect(finding.least < finding.theory && finding.theory < finding.greatest)
      #expect(finding.theory > 0.1 && finding.greatest < finding.theory + 0.1, "\(finding)")
      #expect(finding.explained == finding.correlation * finding.correlation)
    }
  }

  @Test(arguments: [0.5, 1, 4])
  func `half the noise is caught by too good a reconstruction`(epsilon: Double) throws {
    let finding = try finding(epsilon: 2 * epsilon, claimed: epsilon)
    #expect(finding.verdict == .violated, "\(finding)")
  }

  /// At epsilon 20 a hundred thousand values meet a large error five times, or not at all.
  @Test func `errors that are too rare to be seen are allowed for`() throws {
    for _ in 0..<20 {
      let finding = try ReconstructionAudit(confidence: Self.confidence).gaussianFinding(
        values: 1000, epsilon: 20)
      #expect(finding.verdict == .notRefuted && finding.greatest >= 1, "\(finding)")
    }
  }

  @Test(arguments: [1.0, 4])
  func `a fault that adds noise is told from a loss of privacy`(epsilon: Double) throws {
    let finding = try finding(epsilon: epsilon / 2, claimed: epsilon)
    #expect(finding.verdict == .noisier, "\(finding)")
  }

  @Test func `numbers that come back as they are need a mechanism without noise`() throws {
    let truth = (0..<1000).map { Double($0 % 7) / 7 }
    func finding(_ variance: Double) throws -> ReconstructionAudit.Finding {
      try ReconstructionAudit(confidence: Self.confidence).finding(
        on: .init(
          name: "truth", truth: truth, estimates: truth,
          noiseVariances: truth.map { _ in variance },
          greatestError: 1, epsilon: 1))
    }
    #expect(try finding(0).verdict == .notRefuted)
    #expect((try finding(0).correlation - 1).magnitude < 1e-9)
    #expect(try finding(0.5).verdict == .violated)
  }

  @Test func `too few values, and values that are all alike, are refused`() throws {
    let audit = try ReconstructionAudit(confidence: Self.confidence)
    func attack(_ values: [Double]) throws {
      _ = try audit.finding(
        on: .init(
          name: "bias", truth: values, estimates: values, noiseVariances: values, greatestError: 1,
          epsilon: 1))
    }
    #expect(throws: AuditError.tooFewValues(name: "bias", found: 999, least: 1000)) {
      try attack((0..<999).map(Double.init))
    }
    #expect(throws: AuditError.constantValues(name: "bias")) {
      try attack([Double](repeating: 0.5, count: 1000))
    }
  }
}
