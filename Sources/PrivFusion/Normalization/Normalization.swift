/// How the average's units get back the variance that averaging took from them.
///
/// The mean of n units with deviation 1 and pairwise correlation rho has the variance
/// (1 + (n - 1) rho) / n: every layer of an average is quieter than the parents' was, and the next
/// hears less (Jordan et al., ICLR 2023, section 3, "variance collapse"). Each way scales a unit's
/// weights and moves its bias, so that no operator is added to the graph. The perturbation filter
/// does this by itself; these are for where the fusion stops at the average.
public enum Normalization: String, Sendable, Codable, CaseIterable {
  /// What agrees best with the released classes of held-out probes.
  case auto
  /// The average as it is.
  case none
  /// The statistics of batch normalisation, estimated again on the probe; layers without stay.
  case statistics
  /// REPAIR: every unit gets the mean over the parties of its mean and deviation on the probe.
  case repair
  /// From weights alone, as if a layer's inputs were independent.
  case dataFree = "data-free"
}

/// Which normalisation was taken, and how well each agrees with released classes of held-out probes.
public struct NormalizationChoice: Sendable, Equatable {
  /// Never ``Normalization/auto``.
  public let method: Normalization
  /// The means over held-out probes, for every way that was tried; empty where nothing was chosen.
  public let scores: [Normalization: PathChoice.Score]
  /// The number of held-out probes; 0 where nothing was chosen.
  public let heldOutCount: Int
}
