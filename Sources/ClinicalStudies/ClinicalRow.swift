/// What parties gained by fusing at one epsilon and seed: a row of a report.
///
/// Keys in JSON are the snake-case forms of the names here.
public struct ClinicalRow: Sendable, Codable, Equatable {
  /// How well a model tells the test samples' classes.
  public struct Score: Sendable, Codable, Equatable {
    /// The share classified rightly, from 0 to 1.
    public let accuracy: Double
    /// The area under the curve of class 0 against all others, from 0 to 1; `nil` where the samples
    /// hold only one of both.
    public let auroc: Double?
  }

  public struct Party: Sendable, Codable, Equatable {
    public let name: String
    public let records: Int
    /// Of the head that it trains for itself alone, at the same loss.
    public let before: Score
    /// Of the fused head: the same for all parties.
    public let after: Score
    /// Of its own head on the test samples of its own kind; `nil` where parties are alike.
    public let beforeOwnKind: Score?
    /// Of the fused head on the test samples of its own kind; `nil` where parties are alike.
    public let afterOwnKind: Score?
  }

  /// What the figures are to be compared with.
  public struct Controls: Sendable, Codable, Equatable {
    /// One head trained on all records in one hand, without any privacy.
    public let pooledWithoutPrivacy: Score
    /// The accuracy of naming the commonest class of the test set always.
    public let majority: Double
  }

  public let dataSet: String
  public let seed: UInt64
  /// Of each party, for any one record, under zero-out adjacency.
  public let epsilon: Double
  public let delta: Double
  public let parties: [Party]
  /// The mean of the probabilities of the heads that were fused.
  public let ensemble: Score
  public let fused: Score
  public let controls: Controls
}
