internal import LocalPrivacy
internal import PrivFusion

/// What `plan` says of private heads, for unit record.
struct RecordPlanResult: PlanResult {
  let parties: Int
  let records: Int
  let unit: String
  let epsilon: Double
  let delta: Double
  let accountant: String
  let features: Int
  let classes: Int
  let noiseMultiplier: Double
  /// Of one party's head, in power.
  let signalToNoise: Double
  /// Of the mean over all parties.
  let signalToNoiseFused: Double
  let alone: ForecastResult
  let fused: ForecastResult
  /// What a head on all records without privacy is taken to reach.
  let expectedPooledAccuracy: Double
  let noise: Bool

  init(_ forecast: RecordForecast, plan: PlanCommand, features: Int) {
    parties = plan.parties
    records = plan.records ?? 0
    unit = PrivacyUnit.record.rawValue
    epsilon = forecast.loss.epsilon
    delta = forecast.loss.delta
    accountant = forecast.loss.accountant.rawValue
    self.features = features
    classes = plan.classes
    noiseMultiplier = forecast.noiseMultiplier
    signalToNoise = forecast.signalToNoise
    signalToNoiseFused = Double(plan.parties) * forecast.signalToNoise
    alone = ForecastResult(forecast.alone)
    fused = ForecastResult(forecast.fused)
    expectedPooledAccuracy = plan.expectedAccuracy
    noise = forecast.fused.isNoise
  }

  var description: String {
    """
    \(parties) parties of \(records) records, epsilon \(Text.epsilon(epsilon)) per \(unit) at delta \
    \(delta) (\(accountant))

    \(Text.table([
      ["noise multiplier", Text.decimal(noiseMultiplier, 4)],
      [
        "signal to noise", "\(Text.epsilon(signalToNoise)) one party, "
          + "\(Text.epsilon(signalToNoiseFused)) fused, in power",
      ],
      ["a party alone", alone.text], ["fused", fused.text],
      ["pooled, no privacy", "\(Text.decimal(100 * expectedPooledAccuracy, 1)) %, as you expect it"],
    ]))
    """
  }
}
