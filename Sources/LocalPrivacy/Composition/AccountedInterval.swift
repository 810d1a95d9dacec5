/// What is proved of a composed loss: the exact one is neither below ``lower`` nor above ``upper``.
///
/// The exact loss is the least epsilon for which everything that was released together is
/// (epsilon, ``delta``)-indistinguishable between the worst neighbours. ``upper`` is the figure to
/// report; the gap says how much of it is the accountant's doing.
public struct AccountedInterval: Hashable, Sendable, Encodable {
  /// What the loss protects.
  public let unit: PrivacyUnit
  /// The probability of failure, in 0 ..< 1.
  public let delta: Double
  /// No smaller epsilon holds; 0 or more.
  public let lower: Double
  /// This epsilon holds; infinite when no method reaches the delta.
  public let upper: Double
}
