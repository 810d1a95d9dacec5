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

  /// ln of the sum of mass e^(order loss), within 1e-12 of itself or of 1.
  func cumulant(_ order: Double) -> Double {
    var greatest = -Double.infinity
    for (index, mass) in masses.enumerated() where mass > 0 {
      greatest = max(greatest, order * loss(index) + naturalLogarithm(mass))
    }
    guard greatest.isFinite else { return -.infinity }
    var sum = 0.0
    for (index, mass) in masses.enumerated() where mass > 0 {
      sum += mass * exponential(order * loss(index) - greatest)
    }
    return greatest + naturalLogarithm(sum)
  }
}
