/// What counts as right on held-out samples.
public enum MergeReference: String, Sendable, Encodable {
  /// Labels that were given.
  case labels
  /// The class that the parents' ensemble predicts, where there are no labels.
  case ensemble
  /// The class that the released votes say, in a private run without labels.
  case votes
}

/// How models do on the same held-out samples, and what to do.
///
/// It can be encoded where its models can: a comparison of ``OwnersModel`` can not.
public struct MergeComparison<Model: ComparedModel>: Sendable {
  public struct Row: Sendable {
    public let model: Model
    public let scores: SampleScores

    public init(_ model: Model, _ scores: SampleScores) {
      self.model = model
      self.scores = scores
    }
  }

  /// A parent and the fused model, judged by the ensemble of the other parents: the whole ensemble
  /// holds the parent itself and favours it.
  public struct WithoutParent: Sendable {
    public let parent: SampleScores
    public let fused: SampleScores

    public init(parent: SampleScores, fused: SampleScores) {
      self.parent = parent
      self.fused = fused
    }
  }

  public let reference: MergeReference
  public let rows: [Row]
  public let recommendation: MergeRecommendation<Model>
  /// The number of samples.
  public var sampleCount: Int { rows.first?.scores.correct.count ?? 0 }

  /// - Parameters:
  ///   - rows: The fused model among them, all scored on the same samples.
  ///   - reference: What they are scored by.
  ///   - withoutParents: By parent; needed where the reference is the ensemble.
  ///   - commonest: What always answering with the commonest label scores on every sample; `nil`
  ///     without labels.
  public init(
    _ rows: [Row], reference: MergeReference, withoutParents: [WithoutParent] = [],
    commonest: [Double]? = nil
  ) {
    precondition(rows.contains { $0.model.role == .fused }, "the fused model is compared")
    precondition(
      Set(rows.map(\.scores.correct.count)).count == 1, "all are scored on the same samples")
    self.rows = rows
    self.reference = reference
    recommendation = MergeRecommendation(
      rows, reference: reference, withoutParents: withoutParents, commonest: commonest)
  }
}

extension MergeComparison: Encodable where Model: Encodable {
  private enum CodingKeys: String, CodingKey {
    case reference, samples, models, recommendation
  }

  private struct EncodedRow: Encodable {
    let model: Model
    let accuracy: Double
    let standardError: Double
    let loss: Double
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(reference, forKey: .reference)
    try container.encode(sampleCount, forKey: .samples)
    try container.encode(
      rows.map {
        EncodedRow(
          model: $0.model, accuracy: $0.scores.accuracy,
          standardError: PairedDifference($0.scores.correct).standardError, loss: $0.scores.loss)
      }, forKey: .models)
    try container.encode(recommendation, forKey: .recommendation)
  }
}
