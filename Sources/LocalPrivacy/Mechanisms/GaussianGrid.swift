/// Discrete Gaussian noise in place of continuous noise, at no loss that a figure shows.
///
/// Let v be an integer, s^2 = a^2 + b^2, and N_Z(v, s^2) the distribution on the integers with
/// weights exp(-(z - v)^2 / 2 s^2). Up to a factor in [1 - 2 e, 1 + 2 e] at every z it is what
/// comes of drawing y from the continuous N(v, a^2) and rounding it at random, with weights
/// exp(-(z - y)^2 / 2 b^2):
///
///     e = 2 exp(-2 pi^2 b^2) (1 + 1e-60),   b >= 2
///
/// Proof. By Poisson's summation formula the weights' sum over the integers is
///
///     K_b(y) = sum over z of exp(-(z - y)^2 / 2 b^2)
///            = sqrt(2 pi) b (1 + 2 sum over k >= 1 of exp(-2 pi^2 b^2 k^2) cos(2 pi k y))
///
/// so K_b(y) is within a factor of 1 - e and 1 + e of sqrt(2 pi) b, for every real y. Rounding
/// gives z with probability
///
///     integral of phi_a(y - v) exp(-(z - y)^2 / 2 b^2) / K_b(y) dy
///
/// which is phi_s(z - v), the density of the sum of the two Gaussians, over a factor in
/// [1 - e, 1 + e]. N_Z(v, s^2) has probability phi_s(z - v) sqrt(2 pi) s / K_s(v), and as v is
/// an integer and s >= b, sqrt(2 pi) s / K_s(v) is in [1 / (1 + e), 1]. The quotient of the two
/// is in [(1 - e) / (1 + e), 1 + e], which is inside [1 - 2 e, 1 + 2 e].
///
/// Over D numbers, released in turn and each depending on those before, the factors multiply:
/// they bound conditional probabilities, whatever v was, also when v itself is random (sampled
/// records). Rounding is post-processing, so with P and Q for two neighbours, primed for the
/// continuous noise with rounding, and any event S
///
///     P(S) <= (1 + e)^D P'(S) <= (1 + e)^D (e^epsilon Q'(S) + delta)
///          <= e^(epsilon + 4 D e) Q(S) + (1 + 2 D e) delta
///
/// as (1 + e)^2 / (1 - e) <= exp(4 e). That is: (epsilon, delta) of continuous noise of deviation
/// a gives (epsilon + 4 D e, (1 + 2 D e) delta) for the discrete noise of deviation s. (The
/// statement goes back to Kairouz, Liu, Steinke 2021 for sums of discrete Gaussians.)
package enum GaussianGrid {
  /// b^2. With b = 2, e = 2 exp(-8 pi^2) (1 + 1e-60) < 1.1e-34.
  static let roundingVariance: UInt128 = 4
  static let greatestError = 1.1e-34
  /// The greatest number D of released numbers that the slacks below cover.
  static let greatestCoordinates = 1 << 50
  /// Of epsilon: 4 D e < 5e-19.
  static let epsilonSlack = 5e-19
  /// Of delta, relative: 2 D e < 2.5e-19, below the last place of a `Double`.
  static let deltaSlack = 2.5e-19

  /// s^2 for noise that is at least as good as continuous noise of a multiple of the sensitivity:
  ///
  ///     variance = ceil(noiseMultiplier^2 squaredSensitivity) + 4
  ///
  /// The product is rounded up by at most 2^-50 of itself.
  ///
  /// - Throws: ``PrivacyError/noiseOutOfRange(deviation:greatest:)`` above a deviation of 2^40
  ///   grid steps: take a coarser grid.
  package static func variance(
    noiseMultiplier: Double, squaredSensitivity: UInt128
  ) throws -> UInt128 {
    let nearest = Double(squaredSensitivity)
    let sensitivity = UInt128(nearest) >= squaredSensitivity ? nearest : nearest.nextUp
    let product = UpwardArithmetic.product(
      UpwardArithmetic.product(noiseMultiplier, noiseMultiplier), sensitivity
    ).rounded(.up)
    guard product <= 0x1p80 - 0x1p30 else {
      throw PrivacyError.noiseOutOfRange(deviation: product.squareRoot(), greatest: 0x1p40)
    }
    return UInt128(product) + roundingVariance
  }

  /// The multiplier of the continuous noise that discrete noise of a variance stands for, rounded
  /// down; 0 when the variance is at most 4.
  ///
  ///     sqrt((variance - 4) / squaredSensitivity)
  package static func effectiveNoiseMultiplier(
    variance: UInt128, squaredSensitivity: UInt128
  ) -> Double {
    guard variance > roundingVariance else { return 0 }
    let ratio = Double(variance - roundingVariance).nextDown / Double(squaredSensitivity).nextUp
    return ratio.nextDown.squareRoot().nextDown
  }

  /// What so many steps of discrete noise lose about a record.
  ///
  /// - Parameters:
  ///   - variance: s^2 in squared grid steps.
  ///   - squaredSensitivity: In squared grid steps, at least 1.
  ///   - coordinates: D, the numbers released in all steps together, at most 2^50.
  ///   - steps: The number of releases.
  ///   - sampling: Which records take part in a step.
  ///   - delta: As ``RecordLoss/init(of:delta:)`` takes it.
  /// - Throws: As ``RecordLoss/init(of:delta:)``, ``PrivacyError/tooManyOutputs(greatest:)``.
  package static func loss(
    variance: UInt128, squaredSensitivity: UInt128, coordinates: Int, steps: Int,
    sampling: GaussianProcedure.Sampling, delta: Double
  ) throws -> RecordLoss {
    guard coordinates <= greatestCoordinates else {
      throw PrivacyError.tooManyOutputs(greatest: greatestCoordinates)
    }
    let multiplier = effectiveNoiseMultiplier(
      variance: variance, squaredSensitivity: squaredSensitivity)
    return try RecordLoss(
      of: GaussianProcedure(sampling: sampling, steps: steps, noiseMultiplier: multiplier),
      delta: delta)
  }
}
