public import LocalPrivacy
internal import Models
public import Tensors

/// What a fusion made, what it cost, and how long it took.
public struct FusionOutcome: Sendable {
  /// The fused model's parameters, under the original graph's names.
  public let fused: [String: Tensor]
  /// The average of the aligned weights as they were received, normalised if the settings say so,
  /// without filter and adapter; `nil`
  /// where ``FusionSettings/keepsStages`` is not set.
  public let withoutFilter: [String: Tensor]?
  /// What the filter alone makes of the average; `nil` where it did not run, or is not kept.
  public let withoutAdapter: [String: Tensor]?
  /// The largest loss of any single private datum that was sent, and its composition; `nil` when
  /// nothing was randomised.
  public let privacy: PrivacyStatement?
  /// Bytes sent by each party.
  public let bytesSent: [Int]
  /// Seconds by phase.
  public let seconds: [(phase: FusionPhase, duration: Duration)]
  /// The posterior of each probe's class from the votes alone, shape `[m, classes]`.
  public let votes: Tensor?
  /// How the votes were read; `nil` when they were not randomised, or without the filter.
  public let voteChoice: VoteChoice?
  /// How far the fusion went; `nil` where that was not chosen by held-out probes.
  public let pathChoice: PathChoice?
  /// How the average was normalised; `nil` where ``FusionSettings/normalization`` is none, and where
  /// all models are one.
  public let normalization: NormalizationChoice?
  /// What the models say of probes that they were not fitted on; `nil` without classes, with too few
  /// probes, and where ``FusionSettings/choosesPath`` is not set.
  public let heldOut: HeldOutPredictions?
  /// What was sent, where the settings say that it is kept.
  package let messages: FusionMessages?
  /// Whether ``fused`` is the average, neither filtered nor adapted.
  public let stopsAtAverage: Bool
}

/// The losses of a party, with their unit.
public struct PrivacyStatement: Sendable {
  public let unit: PrivacyUnit
  /// The largest loss of any single released number taken alone.
  public let perValue: Double
  /// The number of released numbers.
  public let valueCount: Int
  /// Everything a party sent, composed: a bound between any two of its models.
  public let composed: ComposedLoss

  /// The statement of the party that lost most.
  init?(_ parties: [[Expenditure]], delta: Double) throws {
    let statements = try parties.compactMap { expenditures -> PrivacyStatement? in
      guard !expenditures.isEmpty else { return nil }
      return PrivacyStatement(
        unit: .value, perValue: expenditures.map(\.epsilon).max() ?? 0,
        valueCount: expenditures.map(\.count).reduce(0, +),
        composed: try Composition(ofModel: expenditures).loss(delta: delta))
    }
    guard let worst = statements.max(by: { $0.composed.basic < $1.composed.basic }) else {
      return nil
    }
    self = worst
  }

  private init(unit: PrivacyUnit, perValue: Double, valueCount: Int, composed: ComposedLoss) {
    self.unit = unit
    self.perValue = perValue
    self.valueCount = valueCount
    self.composed = composed
  }
}
