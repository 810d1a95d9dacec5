internal import LocalPrivacy
internal import PrivFusion

/// A forecast as it is printed.
struct ForecastResult: Encodable {
  let expected: Double
  let low: Double
  let high: Double

  init(_ forecast: FusionForecast) {
    expected = forecast.expected
    (low, high) = (forecast.range.lowerBound, forecast.range.upperBound)
  }

  var text: String {
    "\(Text.decimal(100 * expected, 1)) % (\(Text.decimal(100 * low, 0)) to "
      + "\(Text.decimal(100 * high, 0)))"
  }
}

/// What `plan` says of messages, for units value and model.
struct MessagePlanResult: PlanResult {
  struct Signal: Encodable {
    let name: String
    let kind: String
    let numbers: Int
    let epsilon: Double
    /// Of one party's message, in power.
    let signalToNoise: Double
    /// Of the mean over all parties.
    let signalToNoiseFused: Double
  }

  struct Option: Encodable {
    let messages: String
    let numbers: Int
    let bytes: Int
    let epsilonPerNumber: Double
    /// Of everything that a party sends; absent where nothing can be sent.
    let composedEpsilon: Double?
    let composedDelta: Double?
    let accuracy: ForecastResult
    let noise: Bool
    let signals: [Signal]
  }

  let parties: Int
  let probes: Int
  /// What `epsilon` limits.
  let unit: String
  let epsilon: Double
  /// What the composed figures protect, always "model".
  let composedUnit: String
  /// What each party's own model is taken to reach.
  let expectedPartyAccuracy: Double
  let options: [Option]
  /// The set of messages to send; absent where all would be noise.
  let chosen: String?
  let noise: Bool
  /// Whether the parties' own models are expected to be at least as good as what would be sent.
  let localBetter: Bool

  init(_ plan: MessagePlan, probes: Int) {
    parties = plan.parties
    self.probes = probes
    unit = plan.budget.unit.rawValue
    switch plan.budget {
    case .eachValue(let epsilon, _), .wholeModel(let epsilon, _): self.epsilon = epsilon
    }
    composedUnit = PrivacyUnit.model.rawValue
    expectedPartyAccuracy = plan.options.first?.forecast.partyAccuracy ?? 0
    options = plan.options.map { option in
      Option(
        messages: option.selection.rawValue, numbers: option.valueCount, bytes: option.byteCount,
        epsilonPerNumber: option.epsilonPerValue, composedEpsilon: option.composed?.tightest,
        composedDelta: option.composed?.delta, accuracy: ForecastResult(option.forecast),
        noise: option.isNoise,
        signals: option.signals.map {
          Signal(
            name: $0.name, kind: $0.kind.rawValue, numbers: $0.count, epsilon: $0.epsilon,
            signalToNoise: $0.signalToNoise,
            signalToNoiseFused: Double(plan.parties) * $0.signalToNoise)
        })
    }
    chosen = plan.chosen?.selection.rawValue
    noise = plan.chosen == nil
    localBetter = plan.chosen?.forecast.isLocalBetter ?? true
  }

  var description: String {
    var lines = [
      "\(parties) parties, \(probes) public probes, epsilon \(Text.epsilon(epsilon)) per \(unit)",
      "",
    ]
    lines.append(
      Text.table(
        [["messages", "numbers", "epsilon each", "composed per \(composedUnit)", "accuracy", ""]]
          + options.map { option in
            [
              option.messages, "\(option.numbers)", Text.epsilon(option.epsilonPerNumber),
              option.composedEpsilon.map(Text.epsilon) ?? "no mechanism is so quiet",
              option.accuracy.text,
              option.noise ? "noise" : option.messages == chosen ? "CHOSEN" : "",
            ]
          }))
    let loudest = options.last { !$0.signals.isEmpty }
    if let loudest {
      lines += ["", "Signal to noise of \(loudest.messages), in power"]
      lines.append(
        Text.table(
          [["message", "numbers", "one party", "fused"]]
            + loudest.signals.filter { $0.kind != "scale" }.map {
              [
                $0.name, "\($0.numbers)", Text.epsilon($0.signalToNoise),
                Text.epsilon($0.signalToNoiseFused),
              ]
            }))
    }
    if !noise, localBetter {
      lines += [
        "",
        "The parties' own models are expected to be at least as good "
          + "(\(Text.decimal(100 * expectedPartyAccuracy, 1)) % taken for each).",
      ]
    }
    return lines.joined(separator: "\n")
  }
}
