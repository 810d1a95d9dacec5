/// Sums, means and their kin. An empty list of axes means all of them.
extension Tensor {
  public func sum(_ axes: [Int] = [], keepingAxes: Bool = false) throws -> Tensor {
    try engineCall1("sum.dim_IntList", [.tensor(self), .ints(all(axes)), .bool(keepingAxes)])
  }

  public func mean(_ axes: [Int] = [], keepingAxes: Bool = false) throws -> Tensor {
    try engineCall1("mean.dim", [.tensor(self), .ints(all(axes)), .bool(keepingAxes)])
  }

  /// The variance with `count - 1` in the denominator.
  public func variance(_ axes: [Int] = [], keepingAxes: Bool = false) throws -> Tensor {
    try engineCall1(
      "var.correction", [.tensor(self), .ints(all(axes))],
      [("correction", .int(1)), ("keepdim", .bool(keepingAxes))])
  }

  /// The largest element along `axis`.
  public func maximum(axis: Int, keepingAxis: Bool = false) throws -> Tensor {
    try engineCall1("amax", [.tensor(self), .ints([axis]), .bool(keepingAxis)])
  }

  /// The largest absolute element; 0 for an empty tensor.
  public func largestMagnitude() throws -> Double {
    guard count > 0 else { return 0 }
    return try engineCall1("amax", [.tensor(absolute()), .ints([]), .bool(false)]).scalar()
  }

  /// The median along `axis`; the lower of two.
  public func median(axis: Int, keepingAxis: Bool = false) throws -> Tensor {
    try engineCall("median.dim", [.tensor(self), .int(axis), .bool(keepingAxis)])[0]
  }

  /// The index of the largest element along `axis`, as `int64`.
  public func argmax(axis: Int) throws -> Tensor {
    try engineCall1("argmax", [.tensor(self), .int(axis)])
  }

  public func softmax(axis: Int = -1) throws -> Tensor {
    try engineCall1("softmax.int", [.tensor(self), .int(axis)])
  }

  public func logSoftmax(axis: Int = -1) throws -> Tensor {
    try engineCall1("log_softmax.int", [.tensor(self), .int(axis)])
  }

  /// The root of the mean of squares of all elements.
  public func rootMeanSquare() throws -> Double {
    try multiplied(by: self).mean().scalar().squareRoot()
  }

  private func all(_ axes: [Int]) -> [Int] { axes.isEmpty ? Array(0..<rank) : axes }
}
