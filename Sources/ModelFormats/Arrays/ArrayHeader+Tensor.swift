internal import Tensors

extension ArrayHeader {
  /// The array whose elements are `bytes`.
  func tensor(_ bytes: UnsafeRawBufferPointer, extent: TensorExtent) throws -> Tensor {
    // Fortran order is C order of the array with its axes reversed.
    let stored = isFortranOrder ? Array(shape.reversed()) : shape
    let tensor: Tensor
    switch storage {
    case .type(.bool):
      // Any byte that is not 0 is true to NumPy; the engine knows 0 and 1 only.
      tensor = try Tensor(bytes.map { $0 == 0 ? UInt8(0) : 1 }, shape: stored).cast(to: .bool)
    case .type(let type):
      tensor = try Tensor(bytes: bytes, type: type, shape: stored)
    case .uint16:
      let elements = (0..<extent.elementCount).map {
        Int32(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self)))
      }
      tensor = try Tensor(elements, shape: stored)
    case .uint32:
      let elements = (0..<extent.elementCount).map {
        Int64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
      }
      tensor = try Tensor(elements, shape: stored)
    }
    guard isFortranOrder, shape.count > 1 else { return tensor }
    return try tensor.permuted(Array((0..<shape.count).reversed())).contiguous()
  }

  /// The header that NumPy would write for `tensor`: version 1.0, padded to 64 bytes.
  static func bytes(for tensor: Tensor, as type: ElementType) -> [UInt8] {
    let description =
      switch type {
      case .uint8: "|u1"
      case .int8: "|i1"
      case .int16: "<i2"
      case .int32: "<i4"
      case .int64: "<i8"
      case .float16: "<f2"
      case .float32, .bfloat16: "<f4"
      case .float64: "<f8"
      case .bool: "|b1"
      }
    let sizes = tensor.shape.map(String.init)
    let shape = sizes.count == 1 ? "(\(sizes[0]),)" : "(\(sizes.joined(separator: ", ")))"
    let dictionary = "{'descr': '\(description)', 'fortran_order': False, 'shape': \(shape), }"
    let padding = 63 - (10 + dictionary.utf8.count) % 64
    let text = Array(dictionary.utf8) + [UInt8](repeating: 0x20, count: padding) + [0x0a]
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count & 0xff), UInt8(text.count >> 8)]
      + text
  }
}
