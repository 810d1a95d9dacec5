internal import LocalPrivacy
public import PrivFusion

/// What a fusion gave, with its privacy unit, its composed epsilon and its controls.
///
/// Accuracies are fractions. Keys in JSON are the snake-case forms of the names here.
public struct FusionReport: Sendable, Encodable {
  public struct Party: Sendable, Encodable {
    public let name: String
    public let records: Int
    public let accuracy: Double
  }

  public struct Accuracy: Sendable, Encodable {
    public let accuracy: Double
  }

  public struct Fused: Sendable, Encodable {
    public let accuracy: Double
    /// Of the average of the aligned weights as they were received.
    public let withoutFilter: Double
    /// Of what the filter alone makes of it; absent where the filter did not run.
    public let withoutAdapter: Double?
    /// How far the fusion went, "average", "filter" or "adapter"; absent where held-out probes did
    /// not decide it.
    public let path: String?
  }

  /// What the weights, and the networks, add to the votes.
  public struct Controls: Sendable, Encodable {
    /// The same protocol, with random weights in the place of the averaged ones.
    public let weightsIgnored: Double
    /// A model trained from scratch on the probe's votes alone.
    public let scratchOnVotes: Double
  }

  /// How the released votes were turned into targets.
  public struct Votes: Sendable, Encodable {
    /// "counts", or "decoded" on the graph of the probes.
    public let path: String
    /// The mean log-likelihood of held-out votes, in nats, by either path.
    public let heldOutCounts: Double
    public let heldOutDecoded: Double
  }

  public struct Epsilon: Sendable, Encodable {
    public let unit: String
    public let perValue: Double
    public let values: Int
    public let composedUnit: String
    public let composedBasic: Double
    public let composedZcdp: Double?
    public let composedTightest: Double
    public let delta: Double

    public init(_ statement: PrivacyStatement) {
      unit = statement.unit.rawValue
      perValue = statement.perValue
      values = statement.valueCount
      composedUnit = statement.composed.unit.rawValue
      composedBasic = statement.composed.basic
      composedZcdp = statement.composed.zcdp
      composedTightest = statement.composed.tightest
      delta = statement.composed.delta
    }
  }

  public let architecture: String
  public let split: String
  public let seed: UInt64
  public let probes: Int
  public let parties: [Party]
  public let ensemble: Accuracy
  public let average: Accuracy
  public let fused: Fused
  public let controls: Controls?
  /// Absent when nothing was randomised.
  public let epsilon: Epsilon?
  public let bytesSent: [Int]
  /// The same parties with record-level privacy, a row an epsilon; empty where it was not run.
  public let recordLevel: [RecordLevelRow]
  /// Which targets the votes gave; absent where there were none.
  public let votes: Votes?
  /// A head on public features that was taught by the votes alone; absent without features.
  public let student: Accuracy?
  public let seconds: [String: Double]
}

extension FusionReport {
  /// The same report with record-level rows and more phases timed.
  public func adding(
    recordLevel rows: [RecordLevelRow] = [], seconds more: [String: Double]
  ) -> FusionReport {
    FusionReport(
      architecture: architecture, split: split, seed: seed, probes: probes, parties: parties,
      ensemble: ensemble, average: average, fused: fused, controls: controls, epsilon: epsilon,
      bytesSent: bytesSent, recordLevel: recordLevel + rows, votes: votes, student: student,
      seconds: seconds.merging(more) { $1 })
  }
}
