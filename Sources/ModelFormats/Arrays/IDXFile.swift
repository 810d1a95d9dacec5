internal import Foundation
public import Tensors

/// An array of bytes in the format of the MNIST family, plain or in gzip.
///
/// Yann LeCun's page on MNIST, "The IDX file format". Images are of shape `[count, rows, columns]`
/// and labels of shape `[count]`, both `uint8`.
public struct IDXFile: Sendable {
  /// The array.
  public let tensor: Tensor

  /// Reads the file at `path`; that it is compressed is seen from its content.
  ///
  /// - Throws: ``ModelFormatError`` naming the file: malformed when the sizes it declares are not
  ///   those of its content, unsupported when its elements are not bytes.
  public init(contentsOf path: String) throws {
    let file = try InputFile.map(path)
    guard file.starts(with: [0x1f, 0x8b]) else {
      let header = try Header(file, path: path)
      let found = file.count - header.byteCount
      guard found == header.extent.byteCount else {
        throw header.sizeError(found: found, path: path)
      }
      tensor = try file.dropFirst(header.byteCount).withUnsafeBytes {
        try Tensor(bytes: $0, type: header.type, shape: header.extent.shape)
      }
      return
    }
    var inflater = try Inflater(file, wrapping: .gzip, path: path)
    // The longest header is 4 bytes and 4 for each of at most 8 axes.
    var prefix = [UInt8](repeating: 0, count: 36)
    let count = try prefix.withUnsafeMutableBytes { try inflater.read(into: $0) }
    let header = try Header(Data(prefix[..<count]), path: path)
    let total = header.byteCount + header.extent.byteCount
    guard total >= count, total / Inflater.largestRatio <= file.count else {
      throw header.sizeError(found: count - header.byteCount, path: path)
    }
    let bytes = try [UInt8](unsafeUninitializedCapacity: total) { buffer, written in
      written = total
      let whole = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: total)
      whole.copyBytes(from: prefix[..<count])
      try inflater.fill(.init(rebasing: whole[count...]))
    }
    try inflater.finish()
    guard inflater.unusedByteCount == 0 else {
      throw ModelFormatError.malformed(path: path, problem: "something follows its gzip stream")
    }
    tensor = try bytes.withUnsafeBytes {
      try Tensor(
        bytes: .init(rebasing: $0[header.byteCount...]), type: header.type,
        shape: header.extent.shape)
    }
  }

  /// Two zeros, the element type, the number of axes, and a big-endian size for each.
  private struct Header {
    let type: ElementType
    let extent: TensorExtent
    let byteCount: Int

    init(_ bytes: Data, path: String) throws {
      let reader = ByteReader(bytes, path: path)
      let magic = Array(try reader.slice(0, 4, "the header"))
      guard magic[0] == 0, magic[1] == 0, (1...8).contains(magic[3]) else {
        throw ModelFormatError.malformed(
          path: path, problem: "it does not begin as an IDX file does")
      }
      switch magic[2] {
      case 0x08: type = .uint8
      case 0x09: type = .int8
      default:
        throw ModelFormatError.unsupported(
          path: path, feature: "IDX elements of type 0x\(String(magic[2], radix: 16))",
          advice: "save the array as .npz")
      }
      byteCount = 4 + 4 * Int(magic[3])
      let sizes = try (0..<Int(magic[3])).map { axis in
        Int(try reader.number(4 + 4 * axis, UInt32.self, "the header").byteSwapped)
      }
      guard let extent = TensorExtent(shape: sizes, type: type) else {
        throw ModelFormatError.malformed(
          path: path, problem: "it declares the impossible shape \(sizes)")
      }
      self.extent = extent
    }

    func sizeError(found: Int, path: String) -> ModelFormatError {
      .tensorSize(
        path: path, tensor: "the array", shape: extent.shape, expected: extent.byteCount,
        found: found)
    }
  }
}
