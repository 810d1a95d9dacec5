public import LocalPrivacy
internal import Models

/// Which messages a fusion should send: the cheapest that are expected to serve as well as any, or none.
///
/// For each ``MessageSelection`` the plan counts what a party would send, composes its loss, predicts how
/// loud every message is and how right the fused model will be. Nothing but the prediction decides; all of
/// it follows from public things.
public struct MessagePlan: Sendable {
  /// What the budget limits.
  public enum Budget: Sendable, Equatable {
    /// Each released number, taken alone; a vote may lose more.
    case eachValue(epsilon: Double, voteEpsilon: Double)
    /// Everything that a party sends, between any two models of it.
    case wholeModel(epsilon: Double, delta: Double)

    /// What the budget protects.
    public var unit: PrivacyUnit {
      switch self {
      case .eachValue: .value
      case .wholeModel: .model
      }
    }
  }

  /// One set of messages, with what it would cost and bring.
  public struct Option: Sendable {
    public let selection: MessageSelection
    /// The number of released numbers of a party.
    public let valueCount: Int
    /// The size of what a party sends, in bytes.
    public let byteCount: Int
    /// The greatest loss of one number. Below 0.001 no mechanism takes it, and nothing can be sent.
    public let epsilonPerValue: Double
    /// All numbers of a party together; `nil` where nothing can be sent.
    public let composed: ComposedLoss?
    /// How loud each message of a party is, in the order of the protocol; of questions that are dealt
    /// out, and where nothing can be sent, none.
    public let signals: [MessageSignal]
    public let forecast: FusionForecast
    /// Whether the result would be noise, or nothing can be sent.
    public var isNoise: Bool { composed == nil || forecast.isNoise }
  }

  public let parties: Int
  public let budget: Budget
  /// From the least that can be sent to the most.
  public let options: [Option]
  /// Which of them should be sent; `nil` where all would be noise.
  public let chosen: Option?

  /// - Parameters:
  ///   - architecture: A classifier.
  ///   - parties: n, at least 1.
  ///   - budget: Its losses are at least 0.001.
  ///   - partyAccuracy: What each party's own model is expected to reach, in [0, 1]; public, such as from
  ///     experience with the task, and never measured on private data.
  ///   - hasFeatures: Whether there are public features of the probe; without them votes alone make no
  ///     model.
  ///   - hasCommonStart: Whether all parties started from one initialisation.
  /// - Throws: ``FusionError/noClassifier`` and what `PrivacyError` names.
  public init(
    _ architecture: SharedArchitecture, parties: Int, budget: Budget, partyAccuracy: Double,
    hasFeatures: Bool, hasCommonStart: Bool = false
  ) throws {
    precondition(parties > 0 && (0...1).contains(partyAccuracy))
    guard let classes = architecture.classCount else { throw FusionError.noClassifier }
    let maker = OptionMaker(
      architecture: architecture, parties: parties, budget: budget, partyAccuracy: partyAccuracy,
      classes: classes, hasCommonStart: hasCommonStart)
    options = try MessageSelection.allCases.filter { selection in
      switch selection {
      case .votes: hasFeatures
      case .lastSignature: architecture.hasOnlyLayers && architecture.hiddenLayers.count > 1
      case .signatures: architecture.hasOnlyLayers && !architecture.hiddenLayers.isEmpty
      case .everything: true
      }
    }.map(maker.option)
    self.parties = parties
    self.budget = budget
    let loud = options.filter { !$0.isNoise }
    let best = loud.map(\.forecast.expected).max() ?? 0
    // Fewer numbers at the same loss each compose to less; of one whole budget they leave more to each.
    chosen =
      loud.filter { $0.forecast.expected >= best - PredictedVoteAccuracy.meanError }
      .min { $0.valueCount < $1.valueCount }
  }

  /// What a plan says of one set of messages.
  public func option(for selection: MessageSelection) -> Option? {
    options.first { $0.selection == selection }
  }
}

extension SharedArchitecture {
  /// Whether every parameter is the weight or the bias of a layer that is filtered: without weights
  /// nothing that is sent would tell others.
  var hasOnlyLayers: Bool {
    let layers = hiddenLayers + (outputLayer.map { [$0] } ?? [])
    let own = Set(layers.flatMap { [$0.weight, $0.bias].compactMap(\.self) })
    return pass.graph.parameterNames.allSatisfy(own.contains)
  }
}
