/// An upper bound of the distribution of one step's privacy loss, on a grid of losses.
///
///     mass[i] = P[loss = (first + i) step],   infinite = P[loss = infinity]
///     delta(e) = infinite + sum over losses l > e of mass (1 - exp(e - l))
///
/// It bounds in this sense: delta(e) of any number of steps together is at least that of the
/// mechanism. Masses may so sum to a little more than 1, and any may be moved to a greater loss.
/// The losses of steps add up (Sommer, Meiser, Mohammadi 2019, Theorem 1).
struct LossDistribution {
  let first: Int
  let step: Double
  /// Of shape `[n]`, all at least 0.
  let masses: [Double]
  let infinite: Double
  /// A bound of how far the losses may be too low by rounding.
  let lossError: Double

  func loss(_ index: Int) -> Double { Double(first + index) * step }

  /// The losses that have any mass, and their masses' logarithms: what moments are taken of.
  func support() -> [(loss: Double, logarithm: Double)] {
    masses.indices.filter { masses[$0] > 0 }
      .map { (loss($0), naturalLogarithm(masses[$0])) }
  }

  /// ln of the sum of mass e^(order loss), within 1e-12 of itself or of 1.
  static func cumulant(_ order: Double, of support: [(loss: Double, logarithm: Double)]) -> Double {
    var greatest = -Double.infinity
    for entry in support { greatest = max(greatest, order * entry.loss + entry.logarithm) }
    guard greatest.isFinite else { return greatest }
    var sum = 0.0
    for entry in support {
      let exponent = order * entry.loss + entry.logarithm - greatest
      // Fewer than 2^20 terms of e^-60 are no part of 1e-12, nor of what is a bound for a guess.
      if exponent > -60 { sum += exponential(exponent) }
    }
    return greatest + naturalLogarithm(sum)
  }
}
