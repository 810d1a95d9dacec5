/// The loss of everything that was released together, by each way of bounding it.
///
/// Every figure but ``zcdp``, ``renyi`` and ``optimal`` is a pure epsilon; those hold with
/// probability of failure ``delta``. All are upper bounds.
public struct ComposedLoss: Hashable, Sendable {
  /// What the composed loss protects.
  public let unit: PrivacyUnit
  public let delta: Double
  /// The sum of the losses; it holds also with delta 0.
  public let basic: Double
  /// Through zero-concentrated privacy; nil when delta is 0.
  public let zcdp: Double?
  /// Through the Rényi divergence of randomised response; nil when delta is 0.
  public let renyi: Double?
  /// The exact loss of as many randomised responses, when all losses are equal and delta is
  /// above 0: no mechanism-independent bound is lower.
  public let optimal: Double?

  /// The least of the bounds: the figure to report.
  public var tightest: Double { [basic, zcdp, renyi, optimal].compactMap(\.self).min() ?? basic }
}
