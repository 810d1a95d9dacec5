/// From Rényi divergences to a loss with probability of failure delta.
enum RenyiConversion {
  /// The least epsilon over all orders alpha above 1:
  ///
  ///     epsilon = r(alpha) + ln((alpha - 1) / alpha) - (ln delta + ln alpha) / (alpha - 1)
  ///
  /// Balle et al. 2020, Theorem 21; Canonne, Kamath, Steinke 2020, Proposition 12. Every alpha
  /// gives a valid bound, so that a search that stops early costs tightness and not validity.
  ///
  /// - Parameters:
  ///   - delta: In (0, 1).
  ///   - divergence: The bound r(alpha) of the divergence of order alpha.
  static func epsilon(delta: Double, divergence: (Double) -> Double) -> Double {
    func bound(_ logarithm: Double) -> Double {
      let excess = exponential(logarithm)
      let alpha = 1 + excess
      return divergence(alpha) - logarithmOfOnePlus(1 / excess)
        - (naturalLogarithm(delta) + logarithmOfOnePlus(excess)) / excess
    }
    // alpha - 1 from 1e-11, for 10^9 releases of great losses, to 1e9.
    let grid = stride(from: -25.0, through: 21, by: 0.5)
    let best = grid.min { bound($0) < bound($1) } ?? 0
    var low = best - 0.5
    var high = best + 0.5
    var least = bound(best)
    // Ternary search: 60 steps bring the interval to 1e-10.
    for _ in 0..<60 {
      let third = (high - low) / 3
      let atLow = bound(low + third)
      let atHigh = bound(high - third)
      least = min(least, atLow, atHigh)
      if atLow < atHigh { high -= third } else { low += third }
    }
    return max(0, least)
  }

  /// The divergence of order alpha of randomised response: the greatest of any mechanism with
  /// that pure loss.
  ///
  ///     r(alpha) = ln(p e^(u epsilon) + q e^(-u epsilon)) / u
  ///     u = alpha - 1,   p = e^epsilon / (1 + e^epsilon),   q = 1 - p
  ///
  /// Mironov 2017, Proposition 5; worst case by Kairouz, Oh, Viswanath 2015, Theorem 3.
  static func randomizedResponse(epsilon: Double, alpha: Double) -> Double {
    let excess = alpha - 1
    let q = 1 / (1 + exponential(epsilon))
    let p = 1 / (1 + exponential(-epsilon))
    let exponent = excess * epsilon
    if exponent < 1 {
      return logarithmOfOnePlus(
        p * exponentialMinusOne(exponent) + q * exponentialMinusOne(-exponent)) / excess
    }
    return epsilon + logarithmOfOnePlus(q * exponentialMinusOne(-2 * exponent)) / excess
  }
}
