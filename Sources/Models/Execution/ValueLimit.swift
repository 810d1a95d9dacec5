internal import Tensors

/// How large a value may be that an operator makes from numbers alone: a shape that a file states is
/// refused before memory is taken for it.
enum ValueLimit {
  /// In bytes. Far above what a layer of any network that fits this machine makes of one batch.
  static let byteCount = 8 << 30

  /// - Parameters:
  ///   - shape: Of a value that is about to be made.
  ///   - type: Of its elements.
  /// - Throws: ``ModelError/unsupported(operation:node:reason:)`` for a negative size, and for more bytes
  ///   than ``byteCount``.
  static func check(_ shape: [Int], _ type: ElementType, of call: OperatorCall) throws {
    try check(shape, type) { call.unsupported($0) }
  }

  static func check(
    _ shape: [Int], _ type: ElementType, _ refusal: (String) -> ModelError
  ) throws {
    var product = type.byteCount
    for size in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: max(size, 1))
      guard size >= 0, !overflow, next <= byteCount else {
        throw refusal("would make a value of shape \(shape), above \(byteCount) bytes")
      }
      product = next
    }
  }
}
