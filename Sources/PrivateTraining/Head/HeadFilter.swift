public import Tensors

/// The perturbation filter of fused heads: finishes in one step, and without noise, what few noisy
/// steps of gradient descent began.
///
///     W <- (F + lambda I)^-1 W,   F = mean of x xᵀ over the probe, x = [features, bias feature]
///
/// Gradient descent from zero has learnt directions in proportion to their share F of the features;
/// the public probe knows that share, so that dividing by it costs no privacy. Directions in which
/// the probe varies less than lambda hold noise rather than signal and are left as they are.
public struct HeadFilter: Sendable {
  /// The least share of a direction that is trusted.
  public static let defaultFloor = 0.01

  private let vectors: Tensor
  private let factors: Tensor

  /// - Parameters:
  ///   - features: The public probe's features, shape `[m, dimension]`.
  ///   - floor: lambda, above 0.
  public init(probe features: Tensor, floor: Double = defaultFloor) throws {
    precondition(floor > 0, "the floor must be above 0, got \(floor)")
    let count = features.shape[0]
    let bias = try Tensor.full([count, 1], HeadTrainer.biasFeature)
    let rows = try Tensor.concatenated([features, bias], axis: 1).cast(to: .float64)
    let moments = try rows.transposed().matmul(rows).divided(by: Double(count))
    let parts = try engineCall("linalg_eigh", [.tensor(moments)])
    factors = try parts[0].clamped(atLeast: 0).adding(floor).reciprocal()
    vectors = parts[1]
  }

  /// The filtered head.
  public func filtered(_ head: LinearHead) throws -> LinearHead {
    let weights = try Tensor.concatenated(
      [head.weight, head.bias.divided(by: HeadTrainer.biasFeature).unsqueezed(1)], axis: 1
    ).cast(to: .float64)
    let result = try weights.matmul(vectors).multiplied(by: factors)
      .matmul(vectors.transposed()).cast(to: .float32)
    let dimension = head.weight.shape[1]
    return LinearHead(
      weight: try result.slice(0..<dimension, axis: 1).contiguous(),
      bias: try result.slice(dimension..<(dimension + 1), axis: 1)
        .reshaped([head.weight.shape[0]]).multiplied(by: HeadTrainer.biasFeature))
  }
}
