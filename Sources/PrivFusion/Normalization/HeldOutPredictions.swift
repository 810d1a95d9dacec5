public import Tensors

/// What a fusion's models say of probes that they were not fitted on.
///
/// Every probe is one of a fold that was left out of the fit of filter, adapter and normalisation.
/// Neurons are matched on all probes.
public struct HeldOutPredictions: Sendable {
  /// Which probes, in the order of the rows below.
  public let probes: [Int]
  /// The logarithms of the classes' probabilities by what the fusion returned, shape
  /// `[probes, classes]`.
  public let fused: Tensor
  /// The same by the average, normalised where the settings say so.
  public let average: Tensor
}
