internal import Tensors

/// How much room a tensor takes, worked out from sizes that a file declares.
struct TensorExtent {
  let shape: [Int]
  let elementCount: Int
  let byteCount: Int

  /// - Returns: `nil` when a size is negative, there are more than 64 axes, or the number of bytes
  ///   overflows.
  init?(shape: [Int], type: ElementType) {
    self.init(shape: shape, elementByteCount: type.byteCount)
  }

  init?(shape: [Int], elementByteCount: Int) {
    guard shape.count <= 64 else { return nil }
    var product = elementByteCount
    for size in shape {
      // An axis of size 0 must not hide an overflow of the others: the engine's strides would.
      let (next, overflow) = product.multipliedReportingOverflow(by: max(size, 1))
      guard size >= 0, !overflow, next <= 1 << 46 else { return nil }
      product = next
    }
    self.shape = shape
    byteCount = shape.contains(0) ? 0 : product
    elementCount = byteCount / elementByteCount
  }
}
