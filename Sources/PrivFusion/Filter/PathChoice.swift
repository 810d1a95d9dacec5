/// How far a fusion goes after the average.
public enum FusionPath: String, Sendable, Codable, CaseIterable {
  /// No further.
  case average
  /// Through the closed-form filter.
  case filter
  /// Through the filter and the end-to-end adapter.
  case adapter
}

/// How far a fusion went, and how well each way agrees with what was released about probes that it
/// did not see.
public struct PathChoice: Sendable, Equatable {
  /// For one held-out probe, or the means over all.
  public struct Score: Sendable, Equatable {
    /// The log-likelihood of the released classes, in nats a probe: the sum over classes of the
    /// votes' posterior times the logarithm of the model's probability.
    public let logLikelihood: Double
    /// The votes' posterior of the class that the model predicts, in [0, 1].
    public let agreement: Double

    package init(logLikelihood: Double, agreement: Double) {
      self.logLikelihood = logLikelihood
      self.agreement = agreement
    }

    package static func mean(_ probes: [Score]) -> Score {
      let count = Double(max(probes.count, 1))
      return Score(
        logLikelihood: probes.reduce(0) { $0 + $1.logLikelihood } / count,
        agreement: probes.reduce(0) { $0 + $1.agreement } / count)
    }
  }

  public let path: FusionPath
  /// The means, for every way that was tried.
  public let scores: [FusionPath: Score]
  /// The number of held-out probes.
  public let heldOutCount: Int
}
