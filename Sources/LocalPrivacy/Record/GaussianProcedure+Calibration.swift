extension GaussianProcedure {
  /// The procedure with the least noise whose loss is at most (epsilon, delta).
  ///
  /// - Parameters:
  ///   - epsilon: Finite and above 0.
  ///   - delta: In 1e-100 ... 0.5.
  ///   - steps: The number of releases, from 1 to 10^7.
  ///   - sampling: Which records take part in a step.
  /// - Returns: A procedure whose ``RecordLoss`` has an epsilon of at most `epsilon`; its noise
  ///   multiplier is rounded up, by at most a millionth of itself.
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
    func isEnough(_ noiseMultiplier: Double) throws -> Bool {
      RecordAccountant.loss(of: try procedure(noiseMultiplier), delta: delta).epsilon <= epsilon
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
    while high - low > 1e-7 * high {
      let middle = low + (high - low) / 2
      if try isEnough(middle) { high = middle } else { low = middle }
    }
    return try procedure(high)
  }
}
