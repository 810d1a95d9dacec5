internal import Foundation

/// How right a fused model is expected to be, and within which range: from public things alone.
///
/// The range is as wide as the greatest errors that were measured, where what parties reach by themselves
/// was guessed right.
public struct FusionForecast: Sendable, Equatable {
  /// The expected accuracy, in [0, 1].
  public let expected: Double
  /// The least and the greatest accuracy to be expected.
  public let range: ClosedRange<Double>
  /// What each party's own model is taken to reach.
  public let partyAccuracy: Double
  /// k, the number of classes.
  public let classes: Int

  /// The greatest error was 6 points where votes say much or nothing, and 15 in between, where a few
  /// answers decide, and luck with them.
  private static let (votesMargin, votesMarginBetween) = (0.06, 0.12)
  /// A network that is fitted to votes and signatures was 1.2 to 2.7 points below the votes' student.
  private static let networkLoss = 0.018
  /// Without the averaged weights it was up to 3.5 points lower again, 1.5 in the mean.
  private static let weightlessLoss = 0.015
  /// Where weights alone carry a network, single runs were up to 20 points off.
  private static let weightsMargin = 0.2

  init(expected: Double, margin: Double, partyAccuracy: Double, classes: Int) {
    let guess = 1 / Double(classes)
    self.expected = max(guess, min(1, expected))
    range = max(guess, min(1, expected - margin))...max(guess, min(1, expected + margin))
    self.partyAccuracy = partyAccuracy
    self.classes = classes
  }

  /// Of the student that votes alone teach.
  public init(votes: PredictedVoteAccuracy, partyAccuracy: Double, classes: Int) {
    self.init(
      expected: votes.accuracy, margin: Self.margin(votes, partyAccuracy, classes),
      partyAccuracy: partyAccuracy, classes: classes)
  }

  /// By the share u of what votes can tell at most: 4 u (1 - u) is 1 half-way and 0 at the ends.
  private static func margin(
    _ votes: PredictedVoteAccuracy, _ partyAccuracy: Double, _ classes: Int
  ) -> Double {
    let guess = 1 / Double(classes)
    let most = PredictedVoteAccuracy.ceiling(partyAccuracy: partyAccuracy) - guess
    let share = most > 0 ? max(0, min(1, (votes.accuracy - guess) / most)) : 1
    return votesMargin + votesMarginBetween * 4 * share * (1 - share)
  }

  /// Of a network.
  ///
  /// - Parameters:
  ///   - votes: What the votes say by themselves.
  ///   - weights: The signal to noise of the averaged weights, in power, from the first layer to the
  ///     last; empty where none are sent.
  ///   - hasCommonOrder: Whether neurons need no matching: there are no hidden ones, or all parties
  ///     started from one initialisation.
  ///   - partyAccuracy: What each party's own model is taken to reach, in [0, 1].
  ///   - classes: k, at least 2.
  public init(
    votes: PredictedVoteAccuracy, weights: [Double], hasCommonOrder: Bool, partyAccuracy: Double,
    classes: Int
  ) {
    let byVotes =
      votes.accuracy - Self.networkLoss - (weights.isEmpty ? Self.weightlessLoss : 0)
    let guess = 1 / Double(classes)
    let byWeights =
      guess
      + (partyAccuracy - guess) * Self.kept(weights) * (hasCommonOrder ? 1 : Self.matchedShare)
    self.init(
      expected: max(byVotes, byWeights),
      margin: byVotes >= byWeights
        ? Self.margin(votes, partyAccuracy, classes) : Self.weightsMargin,
      partyAccuracy: partyAccuracy, classes: classes)
  }

  /// What matching and averaging left of what the networks knew, without filter: 80 % at epsilon 4.
  private static let matchedShare = 0.8

  /// The share of what a network knows over guessing that its noisy weights keep.
  ///
  ///     (1 - e^(-3.2 r)) / (1 - e^-3.2),   r = product over layers of sqrt(s / (1 + s))
  ///
  /// r is how far the layers' noisy weights correlate with the right ones. The curve was read off
  /// averages from a common start, of 3 to 10 parties at epsilon 0.5 to 4.
  private static func kept(_ signalToNoise: [Double]) -> Double {
    guard !signalToNoise.isEmpty else { return 0 }
    let correlation = signalToNoise.reduce(1) { $0 * ($1 / (1 + $1)).squareRoot() }
    return (1 - exp(-3.2 * correlation)) / (1 - exp(-3.2))
  }

  /// Whether the fused model is expected to know less than a quarter of what a party knows over
  /// guessing: sending that would be spending for noise. So is what parties send that know no more than a
  /// guess.
  public var isNoise: Bool {
    let guess = 1 / Double(classes)
    return partyAccuracy <= guess || expected - guess < 0.25 * (partyAccuracy - guess)
  }

  /// Whether the parties' own models are expected to be at least as good.
  public var isLocalBetter: Bool { expected <= partyAccuracy }
}
