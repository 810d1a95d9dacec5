/// Rényi divergences of a Gaussian sum over records that are each sampled with a probability q.
///
///     A(alpha) = sum over k of C(alpha, k) (1 - q)^(alpha - k) q^k exp(k (k - 1) / (2 sigma^2))
///     r(alpha) = ln A(alpha) / (alpha - 1)
///
/// Mironov, Talwar, Zhang 2019, "Rényi Differential Privacy of the Sampled Gaussian Mechanism",
/// section 3, for whole orders; the other direction's divergence is not greater. Other orders are
/// taken from the integral that A is,
///
///     A(alpha) = mean over x of N(0, sigma^2) of (1 - q + q exp((2 x - 1) / (2 sigma^2)))^alpha
///
/// by the trapezoidal rule (``logarithmOfMoment(_:)``), in place of that paper's series.
struct SubsampledRenyi {
  /// q, in (0, 1).
  let probability: Double
  let noiseMultiplier: Double

  private static let orders = Array(2...64) + [72, 80, 96, 112, 128, 160, 192, 256, 384, 512, 1024]
  /// 1.1 ... 10.9, of which some are whole.
  private static let finerOrders = (1...99).map { 1 + Double($0) / 10 }

  /// An upper bound of the loss of so many steps.
  ///
  /// Balle et al. 2020, Theorem 21, as ``RenyiConversion`` has it, over a grid of orders.
  func epsilon(steps: Int, delta: Double) -> Double {
    var least = Double.infinity
    func take(_ alpha: Double, _ divergence: Double) {
      let bound =
        Double(steps) * divergence + logarithmOfOnePlus(-1 / alpha)
        - (naturalLogarithm(delta) + naturalLogarithm(alpha)) / (alpha - 1)
      if bound < least { least = bound }
    }
    for order in Self.orders { take(Double(order), divergence(order)) }
    for alpha in Self.finerOrders { take(alpha, logarithmOfMoment(alpha) / (alpha - 1)) }
    return least.isFinite ? UpwardArithmetic.bound(max(0, least)) : .infinity
  }

  /// r(alpha), rounded up.
  func divergence(_ order: Int) -> Double {
    let logarithmOfOdds = naturalLogarithm(probability) - logarithmOfOnePlus(-probability)
    let half = 1 / (2 * noiseMultiplier * noiseMultiplier)
    var choose = Double(order) * logarithmOfOnePlus(-probability)
    var logarithms: [Double] = []
    for k in 0...order {
      logarithms.append(choose + Double(k) * Double(k - 1) * half)
      choose += naturalLogarithm(Double(order - k) / Double(k + 1)) + logarithmOfOdds
      if k == order { break }
    }
    let greatest = logarithms.max() ?? 0
    // Smallest first, so that terms near 0 are not lost: ln A is a sum near 1 for small q.
    let sum = logarithms.map { exponential($0 - greatest) }.sorted().reduce(0, +)
    let logarithm = greatest + naturalLogarithm(sum)
    // The logarithms are within 1e-12 of themselves or of 1.
    return (max(0, logarithm) + 1e-12 * (1 + greatest.magnitude)) / Double(order - 1)
  }

  /// ln A(alpha) for an order in 1 ... 16, rounded up.
  ///
  /// The integrand f is analytic for |Im x| < pi sigma^2, where 1 - q + q e^y has no zero, and
  /// |f(x + i a)| <= e^(a^2 / (2 sigma^2)) f(x), so that with spacing h the rule is within
  ///
  ///     2 e^(a^2 / (2 sigma^2)) / (e^(2 pi a / h) - 1)
  ///
  /// of itself (Trefethen, Weideman 2014, Theorem 5.1). a = 0.99 min(2 pi sigma^2 / h, pi sigma^2)
  /// and the spacing below make that e^-32 or less. As (u + v)^alpha <= 2^(alpha - 1) (u^alpha +
  /// v^alpha), and A is at least 1 and at least the v's mean, 12 deviations below 0 and above
  /// alpha hold all but 2^alpha 1e-32 of A.
  func logarithmOfMoment(_ alpha: Double) -> Double {
    let variance = noiseMultiplier * noiseMultiplier
    let spacing = min(noiseMultiplier / 1.6, variance * .pi / 8)
    let reach = 12 * noiseMultiplier
    // Noise so small has losses that no order of these bounds well.
    guard (alpha + 2 * reach) / spacing < 1e4 else { return .infinity }
    let first = -(reach / spacing).rounded(.up)
    let last = ((alpha + reach) / spacing).rounded(.up)
    let logarithms = stride(from: first, through: last, by: 1).map { index in
      let x = index * spacing
      let y = (2 * x - 1) / (2 * variance)
      let ratio =
        y < 500
        ? logarithmOfOnePlus(probability * exponentialMinusOne(y))
        : y + naturalLogarithm(probability)
      return alpha * ratio - x * x / (2 * variance)
    }
    let greatest = logarithms.max() ?? 0
    let sum = logarithms.map { exponential($0 - greatest) }.sorted().reduce(0, +)
    let logarithm =
      greatest + naturalLogarithm(sum * spacing / (noiseMultiplier * (2 * .pi).squareRoot()))
    // Exponents are within 1e-15 of parts that are no greater than alpha times this.
    let size = 1 + greatest.magnitude + (alpha + reach) * (alpha + reach) / variance
    return max(0, logarithm) + 1e-13 * size
  }
}
