public import Tensors

extension Tensor {
  /// The mean cross-entropy of these logits to the true classes, in nats.
  ///
  ///     loss = -mean_i log softmax(logits[i])[labels[i]]
  ///
  /// - Parameter labels: `int64` classes of shape `[m]`, where the logits are `[m, classes]`.
  public func crossEntropy(labels: Tensor) throws -> Tensor {
    try engineCall1("cross_entropy_loss", [.tensor(self), .tensor(labels)])
  }

  /// The mean cross-entropy of these logits to distributions over the classes, in nats.
  ///
  ///     loss = -mean_i sum_c probabilities[i, c] log softmax(logits[i])[c]
  ///
  /// - Parameter probabilities: Shape `[m, classes]`, as the logits; rows sum to 1.
  public func crossEntropy(probabilities: Tensor) throws -> Tensor {
    try engineCall1("cross_entropy_loss", [.tensor(self), .tensor(probabilities)])
  }
}
