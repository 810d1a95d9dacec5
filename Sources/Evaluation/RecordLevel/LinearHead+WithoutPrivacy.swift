public import PrivateTraining
public import Tensors

extension LinearHead {
  /// A head trained to convergence without any privacy, as a control.
  ///
  ///     V <- W + t / (t + 3) (W - W'),   W' the W of the step before
  ///     W <- V - B^-1 (Xᵀ (softmax(X V) - onehot(y)) / n + ridge V),   B = Xᵀ X / (2 n) + ridge I
  ///
  /// B bounds the loss's Hessian from above (Böhning 1992, "Multinomial logistic regression
  /// algorithm", Theorem 1), so that in its metric these are Nesterov's accelerated steps (1983).
  ///
  /// - Parameters:
  ///   - features: Shape `[records, dimension]`.
  ///   - labels: The class of every record, in `0 ..< classes`.
  ///   - classes: The number of classes.
  ///   - ridge: The weight of half the squared length of W, above 0.
  ///   - steps: Steps to take, above 0.
  public static func withoutPrivacy(
    features: Tensor, labels: [Int], classes: Int, ridge: Double = 1e-4, steps: Int = 60
  ) throws -> LinearHead {
    precondition(features.rank == 2 && features.shape[0] == labels.count && !labels.isEmpty)
    precondition(ridge > 0 && steps > 0 && labels.allSatisfy { (0..<classes).contains($0) })
    let (count, dimension) = (features.shape[0], features.shape[1])
    let rows = try Tensor.concatenated([features, Tensor.full([count, 1], 1)], axis: 1)
      .cast(to: .float64)
    let columns = try rows.transposed().contiguous()
    var targets = [Double](repeating: 0, count: count * classes)
    for (record, label) in labels.enumerated() { targets[record * classes + label] = 1 }
    let truth = try Tensor(targets, shape: [count, classes])
    let bound = try columns.matmul(rows).divided(by: 2 * Double(count))
      .adding(Tensor.identity(dimension + 1, type: .float64).multiplied(by: ridge))
    var weights = try Tensor.zeros([dimension + 1, classes], type: .float64)
    var earlier = weights
    for step in 0..<steps {
      let ahead = try weights.adding(
        weights.subtracting(earlier).multiplied(by: Double(step) / Double(step + 3)))
      let residuals = try rows.matmul(ahead).softmax(axis: 1).subtracting(truth)
      let gradient = try columns.matmul(residuals).divided(by: Double(count))
        .adding(ahead.multiplied(by: ridge))
      earlier = weights
      weights = try ahead.subtracting(bound.choleskySolve(gradient))
    }
    let all = try weights.transposed().cast(to: .float32)
    return LinearHead(
      weight: try all.slice(0..<dimension, axis: 1).contiguous(),
      bias: try all.slice(dimension..<(dimension + 1), axis: 1).reshaped([classes]))
  }
}
