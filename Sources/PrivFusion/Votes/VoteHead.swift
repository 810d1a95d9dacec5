public import Tensors

/// A linear classifier on public features, taught by the probabilities of the probes' classes.
///
///     (weight, bias) = arg min of cross entropy(softmax(features weight' + bias), posterior)
///                      + (ridge / 2) (||weight||² + 4 ||bias||²)
///
/// Summed over the probes, with features in units of their root mean square norm. It is the student
/// of the decoded votes: where the features come from a public network, network and head together
/// are a model.
public struct VoteHead: Sendable {
  /// Shape `[k, d]`.
  public let weight: Tensor
  /// Shape `[k]`.
  public let bias: Tensor

  /// - Parameters:
  ///   - features: Public numbers of every probe, shape `[m, d]`.
  ///   - posterior: Probabilities of each probe's class, shape `[m, k]`, as in
  ///     ``FusionOutcome/votes``.
  ///   - ridge: Above 0; 0.3 was the best of 0.1, 0.3 and 1 on Fashion-MNIST with 500 and with 2,000
  ///     probes.
  /// - Complexity: O(m d k) for each of at most 60 steps.
  public init(features: Tensor, posterior: Tensor, ridge: Double = 0.3) throws {
    precondition(
      features.rank == 2 && posterior.rank == 2 && features.shape[0] == posterior.shape[0],
      "features of shape [m, d] and a posterior of shape [m, k] are about the same probes")
    (weight, bias) = try TensorEngine.withThreads(1) {
      try withoutGradients { try Self.fit(features, posterior, ridge: ridge) }
    }
  }

  private static func fit(_ features: Tensor, _ posterior: Tensor, ridge: Double) throws -> (
    weight: Tensor, bias: Tensor
  ) {
    let values = try features.cast(to: .float64)
    let (count, columns) = (features.shape[0], features.shape[1])
    let norm = max(
      try values.multiplied(by: values).sum().scalar() / Double(max(count, 1)), 1e-24
    ).squareRoot()
    // A column of 0.5 makes a bias that the ridge holds four times as tightly.
    let basis = try Tensor.concatenated(
      [values.divided(by: norm), Tensor.full([count, 1], 0.5, type: .float64)], axis: 1)
    let theta = try VoteClassifier.coefficients(
      basis: basis, posterior: posterior.cast(to: .float64), ridge: ridge, steps: 60)
    return (
      try theta.slice(0..<columns).divided(by: norm).transposed().cast(to: .float32).contiguous(),
      try theta.slice(columns..<columns + 1).multiplied(by: 0.5).reshaped([-1]).cast(to: .float32)
    )
  }
}
