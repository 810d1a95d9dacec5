internal import LocalPrivacy
internal import Models

/// Works out what each set of messages would cost and bring.
struct OptionMaker {
  let architecture: SharedArchitecture
  let parties: Int
  let budget: MessagePlan.Budget
  let partyAccuracy: Double
  let classes: Int
  let hasCommonStart: Bool

  func option(_ selection: MessageSelection) throws -> MessagePlan.Option {
    switch budget {
    case .eachValue(let epsilon, let voteEpsilon):
      return try option(selection, epsilon: epsilon, voteEpsilon: voteEpsilon)
    case .wholeModel(let epsilon, let delta):
      if selection == .votes { return try dealtVotes(epsilon: epsilon) }
      // How many numbers there are does not depend on what each of them loses.
      let count = try plan(selection, epsilon: 1, voteEpsilon: 1).valueCount
      let each = min(
        try ModelBudget.epsilonPerValue(count: count, epsilon: epsilon, delta: delta), 20)
      return try option(selection, epsilon: each, voteEpsilon: each, delta: delta)
    }
  }

  private func plan(
    _ selection: MessageSelection, epsilon: Double, voteEpsilon: Double
  ) throws -> FusionPlan {
    var settings = FusionSettings(
      disclosure: .randomized(epsilon: epsilon, voteEpsilon: voteEpsilon),
      matching: .activations, seed: architecture.seed)
    settings.messages = selection
    if hasCommonStart {
      settings.commonInitialization = architecture.pass.graph.initializers.filter {
        architecture.pass.graph.parameterNames.contains($0.key)
      }
    }
    return try FusionPlan(architecture, settings: settings, parties: parties)
  }

  private func option(
    _ selection: MessageSelection, epsilon: Double, voteEpsilon: Double, delta: Double? = nil
  ) throws -> MessagePlan.Option {
    guard epsilon >= 0.001 else { return try unaffordable(selection, each: epsilon) }
    let plan = try plan(selection, epsilon: epsilon, voteEpsilon: voteEpsilon)
    let votes = votes(epsilonEach: voteEpsilon)
    let loudness = Dictionary(
      plan.signals.map { ($0.name, Double(parties) * $0.signalToNoise) }, uniquingKeysWith: { $1 })
    let layers = architecture.hiddenLayers + (architecture.outputLayer.map { [$0] } ?? [])
    let forecast =
      selection == .votes
      ? FusionForecast(votes: votes, partyAccuracy: partyAccuracy, classes: classes)
      : FusionForecast(
        votes: votes,
        weights: selection == .everything ? layers.compactMap { loudness[$0.weight] } : [],
        hasCommonOrder: hasCommonStart || architecture.hiddenLayers.isEmpty,
        partyAccuracy: partyAccuracy, classes: classes)
    let expenditures = plan.signatureExpenditures + plan.weightExpenditures
    return MessagePlan.Option(
      selection: selection, valueCount: plan.valueCount, byteCount: plan.byteCount,
      epsilonPerValue: expenditures.map(\.epsilon).max() ?? 0,
      composed: try Composition(ofModel: expenditures).loss(delta: delta ?? FusionSession.delta),
      signals: plan.signals, forecast: forecast)
  }

  /// Every party answers about every probe.
  private func votes(epsilonEach: Double) -> PredictedVoteAccuracy {
    let probes = architecture.probe.count
    return PredictedVoteAccuracy(
      parties: parties, answers: probes, epsilon: Double(probes) * epsilonEach, classes: classes,
      partyAccuracy: partyAccuracy,
      purities: ModelVotePlan.Measured.purities(classes: classes, probes: probes))
  }

  /// Every party answers the few questions that are dealt to it.
  private func dealtVotes(epsilon: Double) throws -> MessagePlan.Option {
    let choice = ModelVoteChoice(
      parties: parties, epsilon: epsilon, classes: classes, partyAccuracy: partyAccuracy,
      probes: architecture.probe.count)
    let randomizer = try ModelVotePlan.randomizer(
      classes: classes, epsilon: epsilon, answers: choice.answersPerParty)
    let all = try Expenditure(
      name: FusionSession.votes, count: choice.answersPerParty, epsilon: randomizer.epsilon,
      unit: .value, mechanismName: randomizer.encoding.mechanismName)
    return MessagePlan.Option(
      selection: .votes, valueCount: choice.answersPerParty,
      byteCount: randomizer.encoding.byteCount(of: choice.answersPerParty),
      epsilonPerValue: randomizer.epsilon, composed: try Composition(ofModel: [all]).loss(delta: 0),
      signals: [],
      forecast: FusionForecast(
        votes: choice.prediction, partyAccuracy: partyAccuracy, classes: classes))
  }

  private func unaffordable(
    _ selection: MessageSelection, each: Double
  ) throws -> MessagePlan.Option {
    let plan = try plan(selection, epsilon: 1, voteEpsilon: 1)
    return MessagePlan.Option(
      selection: selection, valueCount: plan.valueCount, byteCount: plan.byteCount,
      epsilonPerValue: each, composed: nil, signals: [],
      forecast: FusionForecast(
        expected: 0, margin: 0, partyAccuracy: partyAccuracy, classes: classes))
  }
}
