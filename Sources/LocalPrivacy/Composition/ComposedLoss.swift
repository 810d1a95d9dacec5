/// The loss of everything that was released together, by each way of bounding it.
///
/// Every figure but ``zcdp``, ``renyi`` and ``optimal`` is a pure epsilon; those hold with
/// probability of failure ``delta``. All are upper bounds for losses that were fixed beforehand, whatever
/// the releases showed; ``adaptive`` is one for losses that are chosen on the way.
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

  /// What a limit may count where each loss is chosen after seeing all releases before it.
  ///
  ///     adaptive = min(basic, zcdp)
  ///
  /// A limit on either sum alone is a valid filter: of the epsilons, since every transcript's
  /// probabilities have at most the ratio e^(sum of its own losses); of the rhos, with the conversion
  /// at the greatest sum that the limit allows (Feldman, Zrnic 2021, "Individual Privacy Accounting via
  /// a Rényi Filter"; Whitehouse et al. 2023, "Fully Adaptive Composition"). So is the lesser of both.
  /// Let A be the transcripts whose epsilons sum to at most the limit, and B the others, all of
  /// which end within the limit on rho, as do their beginnings. Over A no failure is needed. Over B
  /// the process is the one that stops at the limit on rho, so that
  ///
  ///     P(S) = P(S in A) + P(S in B) <= e^epsilon Q(S in A) + e^epsilon Q(S in B) + delta
  ///
  /// A further bound that fails with delta would add its own delta: ``renyi``, whose order depends on
  /// the losses, and ``optimal``, which is of equal losses, are left out.
  public var adaptive: Double { min(basic, zcdp ?? basic) }

  /// The least of the bounds: the figure to report.
  public var tightest: Double { [basic, zcdp, renyi, optimal].compactMap(\.self).min() ?? basic }
}
