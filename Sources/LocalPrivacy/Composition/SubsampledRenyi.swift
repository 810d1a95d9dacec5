/// Rényi divergences of a Gaussian sum over records that are each sampled with a probability q.
///
///     A(alpha) = sum over k of C(alpha, k) (1 - q)^(alpha - k) q^k exp(k (k - 1) / (2 sigma^2))
///     r(alpha) = ln A(alpha) / (alpha - 1)
///
/// Mironov, Talwar, Zhang 2019, "Rényi Differential Privacy of the Sampled Gaussian Mechanism",
/// section 3, for whole orders; the other direction's divergence is not greater.
struct SubsampledRenyi {
  /// q, in (0, 1).
  let probability: Double
  let noiseMultiplier: Double

  private static let orders = Array(2...64) + [72, 80, 96, 112, 128, 160, 192, 256, 384, 512, 1024]

  /// An upper bound of the loss of so many steps.
  ///
  /// Balle et al. 2020, Theorem 21, as ``RenyiConversion`` has it, over whole orders.
  func epsilon(steps: Int, delta: Double) -> Double {
    var least = Double.infinity
    for order in Self.orders {
      let alpha = Double(order)
      let bound =
        Double(steps) * divergence(order) + logarithmOfOnePlus(-1 / alpha)
        - (naturalLogarithm(delta) + naturalLogarithm(alpha)) / (alpha - 1)
      least = min(least, bound)
    }
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
}
