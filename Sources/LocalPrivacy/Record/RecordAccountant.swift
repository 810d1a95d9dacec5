/// From procedures to losses: each figure is an upper bound.
enum RecordAccountant {
  static let greatestPoints = 1 << 17

  /// The least of the accountants' figures.
  ///
  /// - Parameters:
  ///   - procedure: What is released.
  ///   - delta: In 1e-100 ... 0.5.
  ///   - points: The size of the transform for sampled records, a power of two.
  static func loss(
    of procedure: GaussianProcedure, delta: Double, points: Int = greatestPoints
  ) -> (epsilon: Double, accountant: RecordLoss.Accountant) {
    switch procedure.sampling {
    case .everyRecord:
      // As many Gaussians of the same data are one with mu = sqrt(steps) / noiseMultiplier.
      let square = Double(procedure.steps) / procedure.noiseMultiplier / procedure.noiseMultiplier
      return (
        gaussian(mu: square.nextUp.nextUp.squareRoot().nextUp, delta: delta), .analyticGaussian
      )
    case .poisson(let probability):
      let slackened = afterSlack(delta)
      let renyi = SubsampledRenyi(
        probability: probability, noiseMultiplier: procedure.noiseMultiplier
      ).epsilon(steps: procedure.steps, delta: slackened)
      let composed = SubsampledGaussian(
        probability: probability, noiseMultiplier: procedure.noiseMultiplier
      ).epsilon(steps: procedure.steps, delta: slackened, points: points)
      return renyi < composed
        ? (renyi + GaussianGrid.epsilonSlack, .renyi)
        : (composed + GaussianGrid.epsilonSlack, .lossDistribution)
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
