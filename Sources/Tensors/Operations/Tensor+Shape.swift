/// Shapes, types and parts of tensors.
extension Tensor {
  /// The same numbers in another element type.
  public func cast(to type: ElementType) throws -> Tensor {
    if type == elementType { return self }
    return try engineCall1("to.dtype", [.tensor(self), .type(type)])
  }

  /// The same elements in another shape; one size may be -1 and is then worked out.
  public func reshaped(_ shape: [Int]) throws -> Tensor {
    try engineCall1("reshape", [.tensor(self), .ints(shape)])
  }

  /// Axes in another order: axis `i` of the result is axis `order[i]` of this tensor.
  public func permuted(_ order: [Int]) throws -> Tensor {
    try engineCall1("permute", [.tensor(self), .ints(order)])
  }

  /// The last two axes swapped.
  public func transposed() throws -> Tensor {
    try engineCall1("transpose.int", [.tensor(self), .int(-2), .int(-1)])
  }

  /// Broadcast to `shape`.
  public func expanded(to shape: [Int]) throws -> Tensor {
    try engineCall1("expand", [.tensor(self), .ints(shape)])
  }

  /// Elements of `axis` at `indices`, in that order.
  public func selecting(_ indices: [Int], axis: Int) throws -> Tensor {
    try selecting(Tensor(indices: indices), axis: axis)
  }

  /// Elements of `axis` at `indices`, an `int64` tensor of rank 1.
  public func selecting(_ indices: Tensor, axis: Int) throws -> Tensor {
    try engineCall1("index_select", [.tensor(self), .int(axis), .tensor(indices)])
  }

  /// The elements of `range` along `axis`.
  public func slice(_ range: Range<Int>, axis: Int = 0) throws -> Tensor {
    try engineCall1(
      "narrow", [.tensor(self), .int(axis), .int(range.lowerBound), .int(range.count)])
  }

  /// Tensors joined along an existing axis.
  public static func concatenated(_ tensors: [Tensor], axis: Int = 0) throws -> Tensor {
    try engineCall1("cat", [.tensors(tensors), .int(axis)])
  }

  /// Tensors of one shape joined along a new axis.
  public static func stacked(_ tensors: [Tensor], axis: Int = 0) throws -> Tensor {
    try engineCall1("stack", [.tensors(tensors), .int(axis)])
  }

  /// A new axis of size 1 before `axis`.
  public func unsqueezed(_ axis: Int) throws -> Tensor {
    try engineCall1("unsqueeze", [.tensor(self), .int(axis)])
  }

  /// Elements of `axis` in reverse order.
  public func flipped(_ axis: Int) throws -> Tensor {
    try engineCall1("flip", [.tensor(self), .ints([axis])])
  }

  /// The same elements laid out in row-major order, sharing nothing with what it is a view of.
  public func contiguous() throws -> Tensor {
    try engineCall1("clone", [.tensor(self)], [("memory_format", .int(0))])
  }
}
