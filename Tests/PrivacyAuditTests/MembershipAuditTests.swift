import LocalPrivacy
import PrivacyAudit
import Testing

/// Noise and coins are fresh in every run.
@Suite struct MembershipAuditTests {
  private static let epsilons = [1.0, 4.0]

  /// At 0.95 the bound could be wrong once in twenty runs for the worst mechanism there is. Of Gaussian
  /// noise it is hardly ever: the claim is refuted from 781 right guesses of 1024 at epsilon 1, and from
  /// 4049 of 4096 at 4. In 40 runs each honest noise gave 701 +- 14 and 3753 +- 20, half of it 850 +- 12
  /// and 4080 +- 4: five deviations from the limit on either side, and fewer false failures than 1e-6.
  @Test(arguments: epsilons)
  func `the guesses see something of honest noise, and refute no claim`(epsilon: Double) throws {
    let loss = try PlantedFaults.loss(epsilon: epsilon, delta: 1e-5)
    let finding = try MembershipAudit(of: loss, confidence: 0.95).finding()
    #expect(finding.verdict == .notRefuted, "\(finding)")
    #expect(finding.lowerBound > 0.1 * epsilon, "\(finding)")
    #expect(finding.unit == .record && finding.delta == 1e-5 && finding.confidence == 0.95)
  }

  @Test(arguments: epsilons)
  func `half the noise is caught, and what it really loses is not refuted`(epsilon: Double)
    throws
  {
    let claim = try PlantedFaults.loss(epsilon: epsilon, delta: 1e-5)
    let halved = try PlantedFaults.loss(epsilon: epsilon, delta: 1e-5, share: 0.5)
    var ledger = RecordLedger(limit: try RecordBudget(epsilon: halved.epsilon, delta: 1e-5))
    var grant = try ledger.grant(halved.procedure, delta: 1e-5, as: "half the noise")
    let finding = try MembershipAudit(of: claim, confidence: 0.95).finding(on: "halved") {
      try grant.release($0)
    }
    #expect(finding.verdict == .violated, "\(finding)")
    #expect(finding.lowerBound < halved.epsilon)
  }

  @Test(arguments: epsilons)
  func `steps that repeat their noise are caught: every guess is right`(epsilon: Double) throws {
    let loss = try PlantedFaults.loss(epsilon: epsilon, delta: 1e-5)
    let audit = try MembershipAudit(of: loss, confidence: 0.95)
    let finding = try audit.finding(
      on: "repeated", release: PlantedFaults.repeatedSteps(of: loss))
    #expect(finding.verdict == .violated && finding.lowerBound == finding.reach, "\(finding)")
  }

  @Test func `the bound is the one-run audit's of the surest guesses`() throws {
    let loss = try PlantedFaults.loss(epsilon: 1, delta: 1e-5)
    let audit = try MembershipAudit(of: loss, confidence: 0.95)
    let isIn = (0..<audit.canaries).map { $0 % 3 == 0 }
    // Only the surest are right; all others are wrong and do not count.
    let margins = isIn.indices.map { canary -> Double in
      let isRight = canary < audit.guesses
      return (isIn[canary] == isRight ? 1 : -1) * (isRight ? 2 : 1)
    }
    let finding = try audit.finding(on: "made up", margins: margins, isIn: isIn)
    let bound = try OneRunAudit.epsilonLowerBound(
      canaries: audit.canaries, guesses: audit.guesses, right: audit.guesses, delta: 1e-5,
      confidence: 0.95)
    #expect(finding.lowerBound == bound && finding.reach == bound)
    #expect(finding.attack == "\(audit.guesses) of \(audit.guesses) guesses right")
  }
}
