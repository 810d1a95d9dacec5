public import Tensors

/// The perturbation filter of fused heads: finishes in one step, and without noise, what few noisy
/// steps of gradient descent began.
///
///     W <- scale (F + floor I)^-1 W,   F = mean of x xᵀ over the probe, x = [features, bias feature]
///
/// Gradient descent from zero has learnt directions in proportion to their share F of the features;
/// the public probe knows that share, so that dividing by it costs no privacy. Directions in which
/// the probe varies less than the floor hold noise rather than signal and are left as they are.
public struct HeadFilter: Sendable {
  private let rows: Tensor
  private let vectors: Tensor
  private let values: Tensor

  /// - Parameter features: The public probe's features, shape `[m, dimension]`.
  public init(probe features: Tensor) throws {
    let count = features.shape[0]
    let bias = try Tensor.full([count, 1], HeadTrainer.biasFeature)
    rows = try Tensor.concatenated([features, bias], axis: 1).cast(to: .float64)
    let moments = try rows.transposed().matmul(rows).divided(by: Double(count))
    let parts = try engineCall("linalg_eigh", [.tensor(moments)])
    values = try parts[0].clamped(atLeast: 0)
    vectors = parts[1]
  }

  /// The weighted mean of heads, filtered, with the confidence that two halves of the parties
  /// bear out.
  ///
  /// - Parameters:
  ///   - heads: At least one, all of one shape.
  ///   - weights: A public number above 0 for every head; equal when `nil`.
  ///   - floor: The share below which a direction is taken for noise, above 0.
  public func fused(
    _ heads: [LinearHead], weights: [Double]? = nil, floor: Double
  ) throws -> LinearHead {
    precondition(floor > 0, "the floor must be above 0, got \(floor)")
    let average = try LinearHead.average(heads, weights: weights)
    let result = try filtered(average, floor: floor)
    guard heads.count > 1 else { return result }
    let halves = try [0, 1].map { half in
      let members = heads.indices.filter { $0 % 2 == half }
      let part = try LinearHead.average(
        members.map { heads[$0] }, weights: weights.map { all in members.map { all[$0] } })
      return try filtered(part, floor: floor)
    }
    return try confident(result, as: agreement(halves[0], halves[1]))
  }

  private func filtered(_ head: LinearHead, floor: Double) throws -> LinearHead {
    let factors = try values.adding(floor).reciprocal()
    let result = try head.joined().matmul(vectors).multiplied(by: factors)
      .matmul(vectors.transposed())
    return try LinearHead(joined: result)
  }

  /// The share of probes of which two heads say the same.
  private func agreement(_ one: LinearHead, _ other: LinearHead) throws -> Double {
    let answers = try [one, other].map {
      try rows.matmul($0.joined().transposed()).argmax(axis: 1)
    }
    return try engineCall1("eq.Tensor", [.tensor(answers[0]), .tensor(answers[1])])
      .cast(to: .float64).mean().scalar()
  }

  /// The head scaled so that its mean confidence on the probe is `agreement`.
  ///
  /// How often two models that differ in their training alone disagree estimates how often one is
  /// wrong (Jiang, Nagarajan, Baek, Kolter 2022); no label is needed.
  private func confident(_ head: LinearHead, as agreement: Double) throws -> LinearHead {
    let logits = try rows.matmul(head.joined().transposed())
    let wanted = min(max(agreement, 1.05 / Double(head.bias.count)), 0.99)
    var (low, high) = (-20.0, 20.0)  // Powers of two.
    for _ in 0..<40 {
      let middle = (low + high) / 2
      let confidence = try logits.multiplied(by: Self.powerOfTwo(middle)).softmax(axis: 1)
        .maximum(axis: 1).mean().scalar()
      if confidence < wanted { low = middle } else { high = middle }
    }
    return try LinearHead(joined: head.joined().multiplied(by: Self.powerOfTwo(low)))
  }

  private static func powerOfTwo(_ exponent: Double) -> Double {
    let whole = exponent.rounded(.down)
    return Double(sign: .plus, exponent: Int(whole), significand: 1 + (exponent - whole))
  }
}

extension LinearHead {
  /// Weights and bias as one matrix of shape `[classes, dimension + 1]`, `float64`.
  func joined() throws -> Tensor {
    try Tensor.concatenated(
      [weight, bias.divided(by: HeadTrainer.biasFeature).unsqueezed(1)], axis: 1
    ).cast(to: .float64)
  }

  init(joined: Tensor) throws {
    let (classes, columns) = (joined.shape[0], joined.shape[1])
    let all = try joined.cast(to: .float32)
    self.init(
      weight: try all.slice(0..<(columns - 1), axis: 1).contiguous(),
      bias: try all.slice((columns - 1)..<columns, axis: 1).reshaped([classes])
        .multiplied(by: HeadTrainer.biasFeature))
  }
}
