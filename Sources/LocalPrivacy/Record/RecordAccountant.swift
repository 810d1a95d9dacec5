/// From procedures to losses: each figure is an upper bound.
enum RecordAccountant {
  /// The least of the accountants' figures.
  ///
  /// - Parameter delta: In 1e-100 ... 0.5.
  static func loss(
    of procedure: GaussianProcedure, delta: Double
  ) -> (epsilon: Double, accountant: RecordLoss.Accountant) {
    switch procedure.sampling {
    case .everyRecord:
      // As many Gaussians of the same data are one with mu = sqrt(steps) / noiseMultiplier.
      let square = Double(procedure.steps) / procedure.noiseMultiplier / procedure.noiseMultiplier
      return (
        gaussian(mu: square.nextUp.nextUp.squareRoot().nextUp, delta: delta), .analyticGaussian
      )
    case .poisson(let probability):
      let renyi = SubsampledRenyi(
        probability: probability, noiseMultiplier: procedure.noiseMultiplier
      ).epsilon(steps: procedure.steps, delta: afterSlack(delta))
      return (renyi + GaussianGrid.epsilonSlack, .renyi)
    }
  }

  /// The loss of one Gaussian, with the slack of its discrete form.
  static func gaussian(mu: Double, delta: Double) -> Double {
    let epsilon = GaussianCurve(mu: mu).epsilon(delta: afterSlack(delta))
    return (epsilon + GaussianGrid.epsilonSlack).nextUp
  }

  /// The continuous noise's delta that leaves room for the discrete noise's.
  static func afterSlack(_ delta: Double) -> Double { delta.nextDown.nextDown }
}
