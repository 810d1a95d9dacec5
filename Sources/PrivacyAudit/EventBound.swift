internal import Foundation
internal import LocalPrivacy

/// From the probabilities of one event under two inputs to the least loss that explains them.
///
///     bounded:  epsilon >= ln((P₁ - delta) / P₀)
///     gaussian: mu >= Phi^-1(P₁) - Phi^-1(P₀), and epsilon that of mu at delta
///
/// Jagielski et al. 2020, section 4, and Nasr et al. 2023, "Tight Auditing of Differentially Private
/// Machine Learning", section 4.2.
struct EventBound {
  let claim: AuditedRelease.Claim
  let delta: Double

  /// What grows with the loss, and is quick: the logarithm of the ratio, or mu.
  ///
  /// - Parameters:
  ///   - likely: P₁, or a lower bound of it.
  ///   - unlikely: P₀, or an upper bound of it; above 0.
  func separation(_ likely: Double, _ unlikely: Double) -> Double {
    switch claim {
    case .bounded: likely > delta ? log((likely - delta) / unlikely) : -.infinity
    case .gaussian: NormalDistribution.quantile(likely) - NormalDistribution.quantile(unlikely)
    }
  }

  /// The least epsilon that explains the probabilities, 0 or more, rounded down.
  func epsilon(_ likely: Double, _ unlikely: Double) throws -> Double {
    let separation = separation(likely, unlikely)
    guard separation > 0 else { return 0 }
    // The rounding of quotient and logarithm; the quantiles' error, and the accountant's own.
    switch claim {
    case .bounded: return max(0, separation - 1e-12)
    case .gaussian:
      let multiplier = min(max(1 / (separation - 1e-9), 0.01), 1e9)
      guard multiplier > 0 else { return 0 }
      let procedure = try GaussianProcedure(
        sampling: .everyRecord, steps: 1, noiseMultiplier: multiplier)
      return try max(0, RecordLoss(of: procedure, delta: delta).epsilon * (1 - 1e-9))
    }
  }
}
