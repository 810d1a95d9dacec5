/// The binomial distribution for counts up to 10^15, without overflow or cancellation.
package enum Binomial {
  /// P[X = x] for X of `count` trials that succeed with odds e^`odds` : 1.
  ///
  ///     exp(s(n) - s(x) - s(n - x) - d(x, n p) - d(n - x, n q)) sqrt(n / (2 pi x (n - x)))
  ///
  /// Loader 2000, "Fast and accurate computation of binomial probabilities", equation 4, with
  /// s the error of Stirling's formula and d the deviance.
  package static func probability(of x: Double, count n: Double, odds: Double) -> Double {
    let p = 1 / (1 + exponential(-odds))
    let q = 1 / (1 + exponential(odds))
    if x == 0 { return exponential(n * naturalLogarithm(q)) }
    if x == n { return exponential(-n * logarithmOfOnePlus(exponential(-odds))) }
    let exponent =
      stirlingError(n) - stirlingError(x) - stirlingError(n - x)
      - deviance(x, n * p) - deviance(n - x, n * q)
    return exponential(exponent) * (n / (2 * .pi * x * (n - x))).squareRoot()
  }

  /// ln n! - ln(sqrt(2 pi n) (n / e)^n).
  private static func stirlingError(_ n: Double) -> Double {
    if n < 16 {
      let factorial = stride(from: 2.0, through: n, by: 1).reduce(1, *)
      return naturalLogarithm(factorial) - (n + 0.5) * naturalLogarithm(n) + n
        - 0.5 * naturalLogarithm(2 * .pi)
    }
    // Abramowitz & Stegun 6.1.41; the next term is below 1e-13.
    let square = n * n
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680) / square) / square) / square) / n
  }

  /// x ln(x / mean) + mean - x, accurate for x near the mean.
  private static func deviance(_ x: Double, _ mean: Double) -> Double {
    let gap = (x - mean) / (x + mean)
    guard gap.magnitude < 0.1 else {
      return x * naturalLogarithm(x / mean) + mean - x
    }
    // ln(x / mean) = 2 artanh(gap), as a series.
    var sum = (x - mean) * gap
    var power = 2 * x * gap
    var order = 1.0
    while true {
      power *= gap * gap
      order += 2
      let next = sum + power / order
      if next == sum { return sum }
      sum = next
    }
  }
}
