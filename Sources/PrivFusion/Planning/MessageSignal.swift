internal import LocalPrivacy

/// How much of what one party sends in a message is signal, expected from public things alone.
///
///     signalToNoise = E[t^2] / E[variance(t)],   t = clip(z, -c, c) / c,   z standard normal
///     votes:          ((1/k) (1 - 1/k)) / E[variance of a class's estimated indicator]
///
/// In power; over n parties that send the same the ratio is n times as large.
public struct MessageSignal: Sendable, Hashable {
  /// What a message carries.
  public enum Kind: String, Sendable, Codable {
    case scale, signature, votes, weights
  }

  /// What the message is, without the session's name.
  public let name: String
  public let kind: Kind
  /// The number of released numbers.
  public let count: Int
  /// The loss of one of them, rounded up.
  public let epsilon: Double
  /// Of one party's message; above 0.
  public let signalToNoise: Double

  init(_ item: MessageItem, through mechanism: NumericMechanism) {
    name = item.name
    kind =
      item.name.hasPrefix("scale of ")
      ? .scale : item.name.hasPrefix("signature of ") ? .signature : .weights
    count = item.count
    epsilon = mechanism.epsilon
    signalToNoise =
      NumericMechanism.secondMoment(clippedGaussianAt: item.deviations)
      / mechanism.meanVariance(clippedGaussianAt: item.deviations)
  }

  init(votes response: RandomizedResponse, count: Int) {
    name = FusionSession.votes
    kind = .votes
    self.count = count
    epsilon = response.epsilon
    let share = 1 / Double(response.categories)
    signalToNoise =
      share * (1 - share)
      / (share * response.variance(ofPresent: true)
        + (1 - share) * response.variance(ofPresent: false))
  }
}
