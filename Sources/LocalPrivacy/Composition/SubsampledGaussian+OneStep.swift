/// One step, whose loss needs no grid.
extension SubsampledGaussian {
  /// Bounds of the loss of one step, each within 1e-11 of itself.
  ///
  ///     delta(epsilon) = q delta'(ln(1 + (e^epsilon - 1) / q))
  ///
  /// with delta' of the Gaussian alone (``GaussianCurve``, mu = 1 / sigma). That is the direction
  /// `present`, and the other is not greater: for a = e^epsilon and outputs below any t, with
  /// u = A(x < t) >= v = B(x < t), it is (1 - a + a q) u - a q v. Outputs above 1 - t have
  /// probabilities u under B and v under A, and give `present` at least q u - (q + a - 1) v, which
  /// is more by (a - 1) (1 - q) (u - v).
  ///
  /// - Parameter deltas: As ``interval(steps:deltas:points:)`` takes them.
  func oneStep(deltas: ClosedRange<Double>) -> (lower: Double, upper: Double) {
    let curve = GaussianCurve(mu: 1 / noiseMultiplier)
    func sampled(_ inner: Double) -> Double {
      inner < 500
        ? logarithmOfOnePlus(probability * exponentialMinusOne(inner))
        : inner + naturalLogarithm(probability)
    }
    let least = (deltas.lowerBound / probability).nextDown
    let greatest = (deltas.upperBound / probability).nextUp
    // Beyond a delta of q not sampling the record hides it whole.
    let upper = least < 1 ? sampled(curve.epsilon(delta: least)) : 0
    let lower = greatest < 1 ? sampled(curve.epsilonFromBelow(delta: greatest)) : 0
    // 1e-12: mu's rounding, and that of the logarithm.
    return (lower * (1 - 1e-12), upper * (1 + 1e-12))
  }
}
