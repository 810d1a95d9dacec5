internal import LocalPrivacy

/// What record-level privacy gave at one epsilon: a row of a report.
///
/// Accuracies are fractions. Keys in JSON are the snake-case forms of the names here.
public struct RecordLevelRow: Sendable, Codable {
  public struct Epsilon: Sendable, Codable {
    /// Always "record".
    public let unit: String
    public let adjacency: String
    public let epsilon: Double
    public let delta: Double
    public let mechanism: String
    public let accountant: String
  }

  public struct Party: Sendable, Codable {
    public let name: String
    public let records: Int
    /// Of the head that it released.
    public let accuracy: Double
    /// Of the head that it would train for itself alone, at the same loss.
    public let accuracyAlone: Double
  }

  public struct Accuracy: Sendable, Codable {
    public let accuracy: Double
  }

  /// What the figure is to be compared with.
  public struct Controls: Sendable, Codable {
    /// One head trained on all records in one hand, without any privacy.
    public let pooledWithoutPrivacy: Double?
  }

  public let epsilon: Epsilon
  public let parties: [Party]
  public let ensemble: Accuracy
  public let fused: Accuracy
  public let controls: Controls

  /// The parties' mean accuracy, each alone.
  public var meanAlone: Double {
    parties.map(\.accuracyAlone).reduce(0, +) / Double(max(parties.count, 1))
  }
}
