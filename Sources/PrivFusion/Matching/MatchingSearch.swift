/// Chooses what neurons are matched by, by probes held out.
///
/// Which kind of matching serves an average best differs from network to network: weights where the
/// probe says little of a unit, activations where much of the weights is noise. Without privacy each
/// can be tried.
public struct MatchingSearch: Sendable {
  /// What was found.
  public struct Choice: Sendable, Equatable {
    /// The likeliest kind.
    public let matching: FusionSettings.Matching
    /// For every kind that was tried, the log-likelihood of the parents' mean probabilities on
    /// held-out probes, in nats a probe; empty where nothing was chosen.
    public let logLikelihoods: [FusionSettings.Matching: Double]
  }

  /// What is tried; of equals, to rounding, the first is taken. ``FusionSettings/Matching/joint`` takes many times as
  /// long as all of them.
  public static let candidates = [FusionSettings.Matching.both, .weights, .activations]

  private let architecture: SharedArchitecture
  private let settings: FusionSettings

  /// - Parameters:
  ///   - architecture: The parties' common one.
  ///   - settings: Of the fusion that is chosen for; its matching is left aside.
  public init(_ architecture: SharedArchitecture, settings: FusionSettings) {
    precondition(settings.disclosure == .open, "weights are not known before they are in order")
    self.architecture = architecture
    self.settings = settings
  }

  /// Averages the parties after each kind of matching, and takes the likeliest average.
  ///
  /// Each average is normalised as the settings say, fitted on other probes than it is scored on;
  /// neurons are matched on all of them. Where nothing can be scored, for want of classes or of
  /// probes, it is ``SharedArchitecture/recommendedMatching(isPrivate:)``.
  ///
  /// - Parameter parties: All in one hand, at least one.
  /// - Throws: As ``FusionSession/run(_:ignoringWeights:progress:)``.
  /// - Complexity: That of as many averages as there are candidates.
  public func choice(for parties: [PartyModel]) throws -> Choice {
    var trial = settings
    (trial.usesFilter, trial.adapter, trial.choosesPath) = (false, nil, false)
    trial.normalization = .auto
    var found: [FusionSettings.Matching: Double] = [:]
    for matching in Self.candidates {
      trial.matching = matching
      let outcome = try FusionSession(architecture, settings: trial).run(parties)
      guard let normalized = outcome.normalization,
        let score = normalized.scores[settings.normalization]
          ?? normalized.scores[normalized.method]
      else {
        return Choice(
          matching: architecture.recommendedMatching(isPrivate: false), logLikelihoods: [:])
      }
      found[matching] = score.logLikelihood
    }
    return Choice(matching: Self.likeliest(found), logLikelihoods: found)
  }

  /// The candidate of the greatest log-likelihood; of those that differ by rounding the first.
  package static func likeliest(
    _ found: [FusionSettings.Matching: Double]
  ) -> FusionSettings.Matching {
    candidates.reduce(candidates[0]) { best, next in
      (found[next] ?? -.infinity) > (found[best] ?? -.infinity) + PathSearch.rounding ? next : best
    }
  }
}
