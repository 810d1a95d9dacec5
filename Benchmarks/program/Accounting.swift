internal import LocalPrivacy

struct AccountingParameters: Decodable {
  /// Sampling probability, noise multiplier, steps and delta of each.
  let settings: [[Double]]
}

/// The loss of DP-SGD as a ledger computes it, of the next setting each time.
///
/// The result is the lower and the upper bound; finding the lower one is not timed.
func accounting(_ parameters: AccountingParameters) -> Repetition {
  var settings = parameters.settings[...]
  return {
    let setting = settings.removeFirst()
    let procedure = try GaussianProcedure(
      sampling: .poisson(probability: setting[0]), steps: Int(setting[2]),
      noiseMultiplier: setting[1])
    return try Measurement {
      try RecordLoss(of: procedure, delta: setting[3])
    } result: { loss in
      [try GaussianFigures(of: procedure, delta: setting[3]).interval.lower, loss.epsilon]
    }
  }
}
