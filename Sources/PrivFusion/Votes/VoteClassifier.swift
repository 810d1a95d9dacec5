package import Tensors

/// A softmax regression on functions of the probes, p[j] = softmax(phi[j] theta).
package enum VoteClassifier {
  /// The coefficients that explain votes best, through their likelihood; shape `[r, k]`.
  ///
  ///     theta = arg max sum over j of log sum over c of p[j, c] e^L[j, c] - (ridge / 2) ||theta||²
  ///
  /// No probe's class is ever decided on: answers that say little pull little. Probes without
  /// answers do not pull.
  ///
  /// - Parameters:
  ///   - basis: phi, shape `[m, r]`, in double precision.
  ///   - logLikelihood: L, shape `[m, k]`, in double precision; a constant by probe does not matter.
  ///   - ridge: Above 0.
  ///   - steps: The greatest number of steps of L-BFGS.
  ///   - start: Where to start from, shape `[r, k]`; zero when left out.
  package static func coefficients(
    basis: Tensor, logLikelihood: Tensor, ridge: Double, steps: Int = 40, start: Tensor? = nil
  ) throws -> Tensor {
    let largest = try logLikelihood.maximum(axis: 1, keepingAxis: true)
    let likelihood = try logLikelihood.subtracting(largest).exponential()
    return try coefficients(
      basis: basis, classes: logLikelihood.shape[1], ridge: ridge, steps: steps, start: start
    ) { logits in
      let prior = try logits.softmax()
      let joint = try prior.multiplied(by: likelihood)
      let evidence = try joint.sum([1], keepingAxes: true)
      // By the logits: prior minus posterior.
      return (
        try -evidence.logarithm().sum().scalar(),
        try prior.subtracting(joint.divided(by: evidence))
      )
    }
  }

  /// The coefficients of the least cross entropy to class probabilities; shape `[r, k]`.
  ///
  /// - Parameters:
  ///   - basis: phi, shape `[m, r]`, in double precision.
  ///   - posterior: Rows that sum to 1, shape `[m, k]`, in double precision.
  ///   - ridge: Above 0.
  ///   - steps: The greatest number of steps of L-BFGS.
  package static func coefficients(
    basis: Tensor, posterior: Tensor, ridge: Double, steps: Int
  ) throws -> Tensor {
    try coefficients(
      basis: basis, classes: posterior.shape[1], ridge: ridge, steps: steps, start: nil
    ) { logits in
      let logProbabilities = try logits.logSoftmax(axis: 1)
      return (
        try -logProbabilities.multiplied(by: posterior).sum().scalar(),
        try logProbabilities.exponential().subtracting(posterior)
      )
    }
  }

  /// The logarithm of p, shape `[m, k]`.
  package static func logPrior(basis: Tensor, coefficients: Tensor) throws -> Tensor {
    try basis.matmul(coefficients).logSoftmax(axis: 1)
  }

  /// - Parameter loss: The loss of logits and its gradient by them, both of shape `[m, k]`.
  private static func coefficients(
    basis: Tensor, classes: Int, ridge: Double, steps: Int, start: Tensor?,
    loss: (_ logits: Tensor) throws -> (value: Double, gradient: Tensor)
  ) throws -> Tensor {
    let shape = [basis.shape[1], classes]
    let transposed = try basis.transposed().contiguous()
    let initial: [Double] =
      try start?.elements() ?? [Double](repeating: 0, count: shape[0] * shape[1])
    let minimizer = LBFGS(steps: steps, tolerance: 1e-5)
    let found = try minimizer.minimum(from: initial) { point -> LBFGS.Evaluation in
      let theta = try Tensor(point, shape: shape)
      let (value, byLogits) = try loss(basis.matmul(theta))
      let gradient = try transposed.matmul(byLogits).adding(theta.multiplied(by: ridge))
      let squares = point.reduce(0) { $0 + $1 * $1 }
      return (value + ridge / 2 * squares, try gradient.elements())
    }
    return try Tensor(found.point, shape: shape)
  }
}
