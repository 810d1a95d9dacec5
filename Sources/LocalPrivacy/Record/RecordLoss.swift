/// What a ``GaussianProcedure`` loses about one record: made by an accountant, never by hand.
///
/// Two data sets that differ by ``adjacency`` are (``epsilon``, ``delta``)-indistinguishable from
/// all releases of the procedure. The figure covers the discrete noise that is drawn in place of
/// the continuous one (`GaussianGrid`).
public struct RecordLoss: Hashable, Sendable {
  /// Who computed a loss.
  public enum Accountant: String, Codable, Hashable, Sendable {
    /// Every record in every step: the exact curve of one Gaussian (Balle, Wang 2018).
    case analyticGaussian = "analytic Gaussian"
    /// Sampled records: the composed distribution of the privacy loss, losses rounded up.
    case lossDistribution = "privacy loss distribution"
    /// Sampled records: Rényi divergences of orders on a grid.
    case renyi = "Rényi divergence"
  }

  public let adjacency: Adjacency
  /// Rounded up; 0 or more and finite.
  public let epsilon: Double
  /// In 0 < delta < 1.
  public let delta: Double
  public let procedure: GaussianProcedure
  public let accountant: Accountant
  /// What the loss protects.
  public var unit: PrivacyUnit { .record }

  /// The loss of all steps of a procedure together, under ``Adjacency/zeroOut``.
  ///
  /// - Parameters:
  ///   - procedure: What is released.
  ///   - delta: The probability of failure, in 1e-100 ... 0.5.
  /// - Throws: ``PrivacyError/recordDeltaOutOfRange(_:)``, and
  ///   ``PrivacyError/lossNotBounded(noiseMultiplier:steps:)`` when no accountant gives a finite
  ///   figure.
  /// - Complexity: Constant for ``GaussianProcedure/Sampling/everyRecord``; a Fourier transform
  ///   of some 10^5 points otherwise.
  public init(of procedure: GaussianProcedure, delta: Double) throws {
    try Self.check(delta: delta)
    let (epsilon, accountant) = RecordAccountant.loss(of: procedure, delta: delta)
    guard epsilon.isFinite else {
      throw PrivacyError.lossNotBounded(
        noiseMultiplier: procedure.noiseMultiplier, steps: procedure.steps)
    }
    self.init(
      restoring: procedure, epsilon: epsilon, delta: delta, accountant: accountant)
  }

  /// A loss that an accountant made earlier and a ledger kept where nobody else writes.
  package init(
    restoring procedure: GaussianProcedure, epsilon: Double, delta: Double,
    accountant: Accountant
  ) {
    adjacency = .zeroOut
    self.epsilon = epsilon
    self.delta = delta
    self.procedure = procedure
    self.accountant = accountant
  }

  /// Gaussian noise has no pure loss, and half is more than any use of delta.
  static func check(delta: Double) throws {
    guard delta >= 1e-100, delta <= 0.5 else { throw PrivacyError.recordDeltaOutOfRange(delta) }
  }
}

extension RecordLoss: Encodable {}
