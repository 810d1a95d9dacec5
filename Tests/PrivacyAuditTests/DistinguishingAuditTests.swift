import LocalPrivacy
import PrivacyAudit
import Testing

/// A bound is above the true loss with a chance of at most 1e-9 a run, whatever is drawn; with fewer
/// than forty honest runs, false failures are below 1e-7. Where a bound must be above something, it is
/// so by more than six deviations of its counts.
@Suite struct DistinguishingAuditTests {
  private static let epsilons = [1.0, 4.0]

  private func finding(_ release: AuditedRelease) throws -> AuditFinding {
    try DistinguishingAudit(trials: 100_000, confidence: 1 - 1e-9).finding(on: release)
  }

  @Test(arguments: epsilons)
  func `the shipped mechanisms come near their claim and stay below it`(epsilon: Double) throws {
    let releases = try AuditedRelease.shipped(epsilon: epsilon)
    #expect(releases.count >= 6)
    for release in releases {
      let finding = try finding(release)
      #expect(finding.verdict == .notRefuted, "\(finding)")
      #expect(finding.epsilon <= epsilon && finding.lowerBound > 0.6 * epsilon, "\(finding)")
      #expect(finding.trials == 50_000 && finding.lowerBound < finding.reach)
    }
  }

  @Test(arguments: epsilons)
  func `half the noise is caught in every mechanism`(epsilon: Double) throws {
    for release in try AuditedRelease.shipped(epsilon: 2 * epsilon) {
      let finding = try finding(PlantedFaults.claiming(epsilon, release))
      #expect(finding.verdict == .violated, "\(finding)")
    }
  }

  @Test(arguments: epsilons)
  func `a repeated draw is caught, through the companion that had the same noise`(
    epsilon: Double
  ) throws {
    var releases = try NumericMechanism.Kind.allCases.map {
      try PlantedFaults.repeatedDraw(NumericMechanism($0, epsilon: epsilon))
    }
    for categories in [2, 10] {
      releases.append(
        PlantedFaults.repeatedDraw(
          try RandomizedResponse(categories: categories, epsilon: epsilon)))
    }
    for release in releases {
      let finding = try finding(release)
      #expect(finding.verdict == .violated && finding.attack.contains("companion"), "\(finding)")
    }
  }

  @Test(arguments: epsilons)
  func `a sampler in floating point is caught by its last digits`(epsilon: Double) throws {
    let finding = try finding(PlantedFaults.floatLaplace(epsilon: epsilon))
    #expect(finding.verdict == .violated && finding.attack == "last binary digit", "\(finding)")
  }

  @Test(arguments: epsilons)
  func `sums over records come near their claim, and half their noise is caught`(
    epsilon: Double
  ) throws {
    let claim = try PlantedFaults.loss(epsilon: epsilon, delta: 1e-5)
    let honest = try finding(.sums(of: claim, as: "sums"))
    #expect(honest.verdict == .notRefuted && honest.lowerBound > 0.5 * epsilon, "\(honest)")
    #expect(honest.unit == .record && honest.delta == 1e-5)
    let halved = try PlantedFaults.loss(epsilon: epsilon, delta: 1e-5, share: 0.5)
    let caught = try finding(
      PlantedFaults.claiming(claim.epsilon, .sums(of: halved, as: "halved")))
    #expect(caught.verdict == .violated && caught.lowerBound < halved.epsilon, "\(caught)")
  }

  /// The claim of one procedure at two deltas: the greater one needs fewer trials.
  @Test(arguments: [1e-5, 0.01])
  func `sums over sampled records stay below their claim, and half their noise is caught`(
    delta: Double
  ) throws {
    func loss(_ noiseMultiplier: Double) throws -> RecordLoss {
      try RecordLoss(
        of: GaussianProcedure(
          sampling: .poisson(probability: 0.25), steps: 2, noiseMultiplier: noiseMultiplier),
        delta: delta)
    }
    let claim = try loss(0.7)
    let honest = try finding(.sums(of: claim, as: "sampled"))
    #expect(honest.verdict == .notRefuted && honest.lowerBound > 0.5, "\(honest)")
    guard delta == 0.01 else { return }
    let caught = try finding(
      PlantedFaults.claiming(claim.epsilon, .sums(of: loss(0.35), as: "halved")))
    #expect(caught.verdict == .violated, "\(caught)")
  }

  // MARK: - Known answers

  /// A release whose outputs are made from the input and the trial's number alone.
  private func made(
    epsilon: Double, delta: Double = 0,
    _ output: @escaping @Sendable (_ isFirst: Bool, _ trial: Int, _ count: Int) -> Double
  ) -> AuditedRelease {
    AuditedRelease(name: "made up", unit: .value, epsilon: epsilon, delta: delta) {
      input, count in
      (0..<count).map { .init(target: output(input == .first, $0, count), companion: 0) }
    }
  }

  @Test func `what tells the inputs apart for certain is refuted as far as the trials reach`()
    throws
  {
    let finding = try finding(made(epsilon: 9) { isFirst, _, _ in isFirst ? 1 : 0 })
    #expect(finding.lowerBound == finding.reach && finding.verdict == .beyondReach)
    // ln 50,000 / ln(2 / 1e-9), less what 50,000 successes leave open.
    #expect((finding.reach - 7.7562).magnitude < 1e-3)
    let other = try self.finding(made(epsilon: 7) { isFirst, _, _ in isFirst ? 1 : 0 })
    #expect(other.verdict == .violated)
  }

  @Test func `outputs that do not depend on the input refute nothing`() throws {
    for constant in [0, 1.5, -.infinity, .nan] {
      let finding = try finding(made(epsilon: 1e-3) { _, _, _ in constant })
      #expect(finding.lowerBound == 0 && finding.verdict == .notRefuted)
    }
    let finding = try finding(made(epsilon: 1e-3) { _, trial, _ in Double(trial % 100) })
    #expect(finding.lowerBound == 0)
  }

  @Test func `a leak as rare as delta is allowed, and a greater one is not`() throws {
    // One trial in a hundred gives the input away.
    let leak: @Sendable (Bool, Int, Int) -> Double = { isFirst, trial, _ in
      trial % 100 == 0 ? (isFirst ? 1 : 2) : 0
    }
    #expect(try finding(made(epsilon: 0.1, delta: 0.01, leak)).verdict == .notRefuted)
    #expect(try finding(made(epsilon: 0.1, delta: 0.005, leak)).verdict == .violated)
    // Probabilities of 1/2 and 1/4: all of the difference is delta's, or ln 2 without it.
    let half: @Sendable (Bool, Int, Int) -> Double = { isFirst, trial, _ in
      trial % 4 < (isFirst ? 2 : 1) ? 1 : 0
    }
    #expect(try finding(made(epsilon: 0.1, delta: 0.25, half)).verdict == .notRefuted)
    let bound = try finding(made(epsilon: 0.1, half)).lowerBound
    #expect(bound < 0.6932 && bound > 0.6)
  }

  @Test func `settings that show nothing are refused`() throws {
    for trials in [-1, 0, 999, 20_000_001, .max] {
      #expect(throws: AuditError.trialsOutOfRange(trials, least: 1000, greatest: 20_000_000)) {
        try DistinguishingAudit(trials: trials, confidence: 0.95)
      }
    }
    for confidence in [-1, 0, 0.49, 1, .infinity, .nan] {
      #expect(throws: AuditError.self) {
        try DistinguishingAudit(trials: 1000, confidence: confidence)
      }
      #expect(throws: AuditError.self) { try ReconstructionAudit(confidence: confidence) }
      #expect(throws: AuditError.self) {
        try MembershipAudit(
          of: PlantedFaults.loss(epsilon: 1, delta: 1e-5), confidence: confidence)
      }
    }
    let short = AuditedRelease(name: "short", unit: .value, epsilon: 1, delta: 0) { _, count in
      [.init(target: 0, companion: 0)]
    }
    #expect(throws: AuditError.outputCount(name: "short", expected: 50_000, found: 1)) {
      try finding(short)
    }
  }
}
