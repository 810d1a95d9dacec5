extension GaussianProcedure {
  /// The procedure with the least noise whose loss is at most (epsilon, delta).
  ///
  /// - Parameters:
  ///   - epsilon: Finite and above 0.
  ///   - delta: In 1e-100 ... 0.5.
  ///   - steps: The number of releases, from 1 to 10^7.
  ///   - sampling: Which records take part in a step.
  /// - Returns: A procedure whose ``RecordLoss`` has an epsilon of at most `epsilon`; its noise
  ///   multiplier is rounded up, by at most a millionth of itself, or 2e-4 where records are
  ///   sampled.
  /// - Throws: ``PrivacyError/lossOutOfRange(_:)``, ``PrivacyError/recordDeltaOutOfRange(_:)``, as
  ///   ``init(sampling:steps:noiseMultiplier:)``, and
  ///   ``PrivacyError/lossNotBounded(noiseMultiplier:steps:)`` when no accepted noise is enough.
  public static func calibrated(
    epsilon: Double, delta: Double, steps: Int, sampling: Sampling
  ) throws -> GaussianProcedure {
    guard epsilon > 0, epsilon.isFinite else { throw PrivacyError.lossOutOfRange(epsilon) }
    try RecordLoss.check(delta: delta)
    func procedure(_ noiseMultiplier: Double) throws -> GaussianProcedure {
      try GaussianProcedure(sampling: sampling, steps: steps, noiseMultiplier: noiseMultiplier)
    }
    // A coarser transform gives an upper bound too, if not the least: it comes near, fast.
    func isEnough(_ noiseMultiplier: Double, points: Int = coarsePoints) throws -> Bool {
      RecordAccountant.loss(of: try procedure(noiseMultiplier), delta: delta, points: points)
        .epsilon <= epsilon
    }
    var high = 1.0
    while try !isEnough(high) {
      guard high < greatestNoiseMultiplier else {
        throw PrivacyError.lossNotBounded(noiseMultiplier: high, steps: steps)
      }
      high = min(greatestNoiseMultiplier, high * 2)
    }
    var low = high / 2
    while low > leastNoiseMultiplier, try isEnough(low) {
      high = low
      low = max(leastNoiseMultiplier, low / 2)
    }
    if low == leastNoiseMultiplier, try isEnough(low) { return try procedure(low) }
    while high - low > 1e-6 * high {
      let middle = low + (high - low) / 2
      if try isEnough(middle) { high = middle } else { low = middle }
    }
    guard case .poisson = sampling else { return try procedure(high) }
    low = max(leastNoiseMultiplier, high * 0.99)
    while high - low > 2e-4 * high {
      let middle = low + (high - low) / 2
      if try isEnough(middle, points: RecordAccountant.greatestPoints) {
        high = middle
      } else {
        low = middle
      }
    }
    // The last word is the accountant's that the loss is made with: the two grids' figures may
    // differ either way in their last digits.
    var growth = 1e-5
    while try !isEnough(high, points: RecordAccountant.greatestPoints) {
      high = min(greatestNoiseMultiplier, high * (1 + growth))
      growth *= 2
      guard high < greatestNoiseMultiplier else {
        throw PrivacyError.lossNotBounded(noiseMultiplier: high, steps: steps)
      }
    }
    return try procedure(high)
  }

  private static let coarsePoints = 1 << 13
}
