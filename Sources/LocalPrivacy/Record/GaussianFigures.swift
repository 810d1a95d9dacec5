/// What each accountant says of a ``GaussianProcedure``, for whoever plans or checks one.
///
/// ``loss`` is what a ledger would debit, and ``interval`` says how close it is to the exact one.
public struct GaussianFigures: Hashable, Sendable {
  /// The figure to report, by the accountant that gives the least.
  public let loss: RecordLoss
  /// The exact loss of continuous noise is in here; its upper end is the reported epsilon.
  public let interval: AccountedInterval
  /// The exact curve of one Gaussian, where every record takes part in every step.
  public let analyticGaussian: Double?
  /// By the composed distribution of the privacy loss; its upper end may be infinite.
  public let lossDistribution: AccountedInterval
  /// By Rényi divergences; may be infinite.
  public let renyi: Double
  /// All figures of a procedure under ``Adjacency/zeroOut``.
  ///
  /// - Parameters:
  ///   - procedure: What is released.
  ///   - delta: The probability of failure, in 1e-100 ... 0.5.
  /// - Throws: As ``RecordLoss/init(of:delta:)``.
  /// - Complexity: Some Fourier transforms of 10^5 points.
  public init(of procedure: GaussianProcedure, delta: Double) throws {
    try self.init(of: procedure, delta: delta, points: RecordAccountant.greatestPoints)
  }

  /// The same with the loss's distribution on a grid of so many points, a power of two.
  package init(of procedure: GaussianProcedure, delta: Double, points: Int) throws {
    try RecordLoss.check(delta: delta)
    let slackened = RecordAccountant.afterSlack(delta)
    let steps = procedure.steps
    let noiseMultiplier = procedure.noiseMultiplier
    let probability: Double =
      switch procedure.sampling {
      case .everyRecord: 1
      case .poisson(let probability): probability
      }
    // The lower bound is at delta itself and without the slack of discrete noise.
    let distribution = SubsampledGaussian(
      probability: probability, noiseMultiplier: noiseMultiplier
    ).interval(steps: steps, deltas: slackened...delta, points: points)
    func interval(_ lower: Double, _ upper: Double) -> AccountedInterval {
      AccountedInterval(unit: .record, delta: delta, lower: lower, upper: upper)
    }
    let grid = interval(
      distribution.lower, distribution.upper + GaussianGrid.epsilonSlack)
    lossDistribution = grid
    let reported: (epsilon: Double, accountant: RecordLoss.Accountant)
    switch procedure.sampling {
    case .everyRecord:
      reported = RecordAccountant.loss(of: procedure, delta: delta)
      analyticGaussian = reported.epsilon
      let square = Double(steps) / noiseMultiplier / noiseMultiplier
      let mu = square.nextDown.nextDown.squareRoot().nextDown
      self.interval = interval(
        min(GaussianCurve(mu: mu).epsilonFromBelow(delta: delta), reported.epsilon),
        reported.epsilon)
      let divergence = square.nextUp.nextUp / 2
      renyi = UpwardArithmetic.bound(
        RenyiConversion.epsilon(delta: slackened) { divergence * $0 })
    case .poisson:
      analyticGaussian = nil
      renyi =
        SubsampledRenyi(probability: probability, noiseMultiplier: noiseMultiplier)
        .epsilon(steps: steps, delta: slackened) + GaussianGrid.epsilonSlack
      reported = renyi < grid.upper ? (renyi, .renyi) : (grid.upper, .lossDistribution)
      self.interval = interval(min(grid.lower, reported.epsilon), reported.epsilon)
    }
    guard reported.epsilon.isFinite else {
      throw PrivacyError.lossNotBounded(noiseMultiplier: noiseMultiplier, steps: steps)
    }
    loss = RecordLoss(
      restoring: procedure, epsilon: reported.epsilon, delta: delta,
      accountant: reported.accountant)
  }

  /// An epsilon, at the same delta, that holds when a record is replaced by any other instead of
  /// by an empty one; rounded up. Nil when none is known.
  ///
  /// - Complexity: Some ten Fourier transforms of 10^4 points for sampled records.
  public var epsilonUnderReplacement: Double? {
    Self.underReplacement(loss.procedure, delta: loss.delta)
  }

  /// Replacing is two zero-outs.
  ///
  /// For every record in every step the means are twice as far apart, exactly. The same holds
  /// with sampling if its help is left aside: who is sampled is independent of the data. With it,
  /// if zeroing out loses (e, d), then for any event P <= e^e (e^e P' + d) + d, so that replacing
  /// loses (2 e, (1 + e^e) d). The lesser of both counts.
  private static func underReplacement(
    _ procedure: GaussianProcedure, delta: Double
  ) -> Double? {
    let square = Double(procedure.steps) / procedure.noiseMultiplier / procedure.noiseMultiplier
    let mu = 2 * square.nextUp.nextUp.squareRoot().nextUp
    let unsampled = RecordAccountant.gaussian(mu: mu, delta: delta)
    let sampled: Double? =
      if case .poisson = procedure.sampling { twice(procedure, delta: delta) } else { nil }
    let least = min(unsampled, sampled ?? .infinity)
    return least.isFinite ? least : nil
  }

  /// 2 e for some d with (1 + e^e) d <= delta.
  ///
  /// d = delta / (1 + e^e) is approached from above, and taken a tenth smaller once it is near.
  private static func twice(_ procedure: GaussianProcedure, delta: Double) -> Double? {
    func epsilon(_ share: Double) -> Double {
      RecordAccountant.loss(of: procedure, delta: share, points: coarsePoints).epsilon
    }
    func room(_ epsilon: Double) -> Double { delta / (1 + exponential(epsilon)) * (1 - 1e-12) }
    var share = delta / 2
    for _ in 0..<40 {
      let loss = epsilon(share)
      guard loss.isFinite else { return nil }
      if share <= room(loss) { return (2 * loss).nextUp }
      share = min(share, room(loss)) * 0.9
      guard share >= 1e-100 else { return nil }
    }
    return nil
  }

  private static let coarsePoints = 1 << 13
}
