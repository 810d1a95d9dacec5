/// Products and systems of linear equations.
extension Tensor {
  /// The matrix product, batched over leading axes as in NumPy's `matmul`.
  public func matmul(_ other: Tensor) throws -> Tensor { try binary("matmul", other) }

  /// The solution X of `self · X = right`, for a symmetric positive definite matrix.
  ///
  /// - Parameters:
  ///   - right: Shape `[n, columns]`, where this matrix is `[n, n]`.
  /// - Throws: ``TensorError/engine(operation:message:)`` when the matrix is not positive definite.
  public func choleskySolve(_ right: Tensor) throws -> Tensor {
    let factor = try engineCall1("linalg_cholesky", [.tensor(self)])
    return try engineCall1("cholesky_solve", [.tensor(right), .tensor(factor)])
  }
}
