internal import LocalPrivacy
internal import PrivFusion
internal import Tensors

/// What `fuse` lets every party send: planned before anything is spent, and refused where it would be
/// noise.
struct PlannedMessages {
  let selection: MessageSelection
  /// How the messages of a session leave a party; `nil` where a whole-model budget pays for votes alone:
  /// then questions are dealt, and no session answers about every probe.
  let disclosure: FusionSettings.Disclosure?
  /// What is expected of them; `nil` of what is no classifier.
  let option: MessagePlan.Option?

  /// - Returns: `nil` where nothing is randomised.
  /// - Throws: A ``Failure`` where the result would be noise, unless that is asked for.
  init?(_ options: FuseOptions, _ shared: SharedArchitecture, parties: Int) throws {
    guard let budget = options.budget else { return nil }
    let chosen = options.messages ?? .everything
    // A plan touches nothing, and says what it would be.
    let goesOn = options.forecast.evenIfNoise || options.plan
    let plan: MessagePlan
    do {
      plan = try MessagePlan(
        shared, parties: parties, budget: budget, partyAccuracy: options.forecast.expectedAccuracy,
        hasFeatures: options.trunk != nil, hasCommonStart: options.commonInit != nil)
    } catch FusionError.noClassifier where chosen == .everything && options.epsilon != nil {
      Terminal.note("this network is no classifier: how good the fusion will be can't be predicted")
      self.init(.everything, budget, nil)
      return
    }
    if chosen == .auto {
      guard let option = plan.chosen ?? (goesOn ? plan.options.first : nil) else {
        throw Self.noise(plan.options.max { $0.forecast.expected < $1.forecast.expected })
      }
      Terminal.note("messages: \(option.selection.rawValue), \(Self.words(option))")
      self.init(option.selection, budget, option)
      return
    }
    guard let selection = MessageSelection(rawValue: chosen.rawValue),
      let option = plan.option(for: selection)
    else {
      throw Failure(
        "--messages \(chosen.rawValue) is not possible with this network: it needs hidden layers, and "
          + "every parameter to be a weight or bias of a linear layer", .usage)
    }
    guard !option.isNoise || goesOn else { throw Self.noise(option) }
    if option.isNoise { Terminal.note("warning: \(Self.noise(option).description)") }
    if let better = plan.chosen, better.selection < selection {
      Terminal.note(
        "--messages \(better.selection.rawValue) would send \(better.valueCount) numbers instead of "
          + "\(option.valueCount), \(Self.words(better)); this, \(Self.words(option))")
    }
    self.init(selection, budget, option)
  }

  private init(
    _ selection: MessageSelection, _ budget: MessagePlan.Budget, _ option: MessagePlan.Option?
  ) {
    self.selection = selection
    self.option = option
    disclosure =
      switch budget {
      case .eachValue(let epsilon, let voteEpsilon):
        .randomized(epsilon: epsilon, voteEpsilon: voteEpsilon)
      case .wholeModel:
        selection == .votes
          ? nil
          : option.map {
            .randomized(epsilon: $0.epsilonPerValue, voteEpsilon: $0.epsilonPerValue)
          }
      }
  }

  static func words(_ option: MessagePlan.Option) -> String {
    "expected at \(ForecastResult(option.forecast).text)"
  }

  static func noise(_ option: MessagePlan.Option?) -> Failure {
    guard let option, option.composed != nil else {
      return Failure(
        "this fusion will be noise: no mechanism is so quiet that all numbers keep within the budget; "
          + "nothing was spent. Send less (--messages), or take a greater epsilon", .data)
    }
    return Failure(
      """
      this fusion will be noise: it is expected to be right at \(ForecastResult(option.forecast).text), \
      with signal to noise as `plan` prints it. More parties, a greater epsilon or fewer messages \
      (--messages) would help; --even-if-noise goes on
      """, .data)
  }
}

extension FuseOptions {
  /// Refuses a session that would lose more than a whole-model budget, whatever planned it.
  ///
  /// - Throws: A ``Failure`` before anything is drawn.
  func requireWithinBudget(_ plan: FusionPlan) throws {
    guard let modelEpsilon else { return }
    let expenditures = plan.signatureExpenditures + plan.weightExpenditures
    let loss = try Composition(ofModel: expenditures).loss(delta: modelDelta ?? 0).tightest
    guard !expenditures.isEmpty, loss <= modelEpsilon else {
      throw Failure(
        "all messages together would lose \(loss), and --model-epsilon is \(modelEpsilon): nothing "
          + "was spent", .software)
    }
  }

  /// `nil` where nothing is randomised.
  var budget: MessagePlan.Budget? {
    if let epsilon { return .eachValue(epsilon: epsilon, voteEpsilon: voteEpsilon ?? epsilon) }
    return modelEpsilon.map { .wholeModel(epsilon: $0, delta: modelDelta ?? 0) }
  }
}
