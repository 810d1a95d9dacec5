/// The privacy of one Gaussian whose means for two neighbours are `mu` deviations apart.
///
///     delta(epsilon) = Phi(mu / 2 - epsilon / mu) - e^epsilon Phi(-mu / 2 - epsilon / mu)
///
/// Balle, Wang 2018, Theorem 8. With a = epsilon / mu - mu / 2, b = a + mu, the normal density
/// phi and Mills' ratio M(x) = Phi(-x) / phi(x), e^epsilon phi(b) = phi(a) turns it into
///
///     delta(epsilon) = Phi(-a) - phi(a) M(b)
///
/// which neither overflows nor underflows before delta itself does.
struct GaussianCurve {
  /// Finite and above 0.
  let mu: Double

  /// An upper bound of delta(epsilon), within 1e-12 of the greater of its two terms.
  ///
  /// delta falls with a at a fixed mu, so that the rounding of a is covered by lowering it. What
  /// is left is the rounding inside erfc and exp, at a relative x^2 2^-52 for an argument x.
  func delta(_ epsilon: Double) -> Double {
    let (value, error) = terms(epsilon, shift: -0x1p-50)
    return min(1, max(0, value) + error)
  }

  /// A lower bound of delta(epsilon), as near: with a raised instead, and the error taken off.
  func deltaFromBelow(_ epsilon: Double) -> Double {
    let (value, error) = terms(epsilon, shift: 0x1p-50)
    return max(0, value - error)
  }

  private func terms(_ epsilon: Double, shift: Double) -> (value: Double, error: Double) {
    let ratio = epsilon / mu
    let a = ratio - mu / 2 + shift * (ratio + mu)
    let b = a + mu
    let first = Self.upperTail(a)
    let second = normalDensity(a) * Self.millsRatio(b)
    return (first - second, 0x1p-50 * (8 + a * a) * (first + second))
  }

  /// The least epsilon with delta(epsilon) <= delta, rounded up: within 1e-12 of itself.
  ///
  /// - Parameter delta: In (0, 1).
  func epsilon(delta: Double) -> Double {
    interval(delta: delta, of: self.delta).upper
  }

  /// The same, rounded down.
  func epsilonFromBelow(delta: Double) -> Double {
    interval(delta: delta, of: deltaFromBelow).lower
  }

  /// Where a falling bound of delta(epsilon) passes delta.
  private func interval(
    delta: Double, of bound: (Double) -> Double
  ) -> (lower: Double, upper: Double) {
    if bound(0) <= delta { return (0, 0) }
    var low = 0.0
    var high = max(1e-3, mu * mu / 2)
    while bound(high) > delta {
      low = high
      high *= 2
      if high > 1e300 { return (low, .infinity) }
    }
    while high - low > 1e-13 * high {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { break }
      if bound(middle) <= delta { high = middle } else { low = middle }
    }
    return (low, high)
  }

  /// The probability that a standard normal variable is above x.
  static func upperTail(_ x: Double) -> Double {
    complementaryErrorFunction(x / 2.0.squareRoot()) / 2
  }

  /// Phi(-x) / phi(x), for x above -20.
  ///
  /// Above 4 by Laplace's continued fraction, which is within 2^-50 after 60 parts there
  /// (Abramowitz & Stegun 26.2.14).
  static func millsRatio(_ x: Double) -> Double {
    guard x > 4 else { return upperTail(x) / normalDensity(x) }
    var denominator = x
    for part in stride(from: 60.0, through: 1, by: -1) { denominator = x + part / denominator }
    return 1 / denominator
  }
}
