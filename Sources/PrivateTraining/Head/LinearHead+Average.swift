internal import Tensors

extension LinearHead {
  /// The weighted mean of heads on one trunk: what parties trained apart becomes one classifier.
  ///
  /// The heads need no matching, since their inputs are the same features in the same order, and
  /// the noise of n of them averages out.
  ///
  /// - Parameters:
  ///   - heads: At least one, all of one shape.
  ///   - weights: A public number above 0 for every head, such as its records; equal when `nil`.
  /// - Throws: ``PrivateTrainingError/headShapes(_:_:)`` when shapes differ.
  public static func average(_ heads: [LinearHead], weights: [Double]? = nil) throws -> LinearHead {
    precondition(!heads.isEmpty && (weights?.count ?? heads.count) == heads.count)
    let shares = weights ?? [Double](repeating: 1, count: heads.count)
    let total = shares.reduce(0, +)
    precondition(shares.allSatisfy { $0 > 0 } && total.isFinite, "weights must be above 0")
    for head in heads where head.weight.shape != heads[0].weight.shape {
      throw PrivateTrainingError.headShapes(heads[0].weight.shape, head.weight.shape)
    }
    func mean(_ part: KeyPath<LinearHead, Tensor>) throws -> Tensor {
      var sum = try heads[0][keyPath: part].multiplied(by: shares[0] / total)
      for (head, share) in zip(heads, shares).dropFirst() {
        sum = try sum.adding(head[keyPath: part].multiplied(by: share / total))
      }
      return sum
    }
    return LinearHead(weight: try mean(\.weight), bias: try mean(\.bias))
  }
}
