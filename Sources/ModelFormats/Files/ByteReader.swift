internal import Foundation

/// Reads numbers at places in bytes that were not written by us.
struct ByteReader {
  private let bytes: Data
  private let path: String

  init(_ bytes: Data, path: String) {
    self.bytes = bytes
    self.path = path
  }

  var count: Int { bytes.count }

  /// The bytes of `range`, counted from the first.
  ///
  /// - Throws: ``ModelFormatError/malformed(path:problem:)`` when they are not all there.
  func slice(_ offset: Int, _ length: Int, _ what: String) throws -> Data {
    guard offset >= 0, length >= 0, offset <= count, length <= count - offset else {
      throw ModelFormatError.malformed(
        path: path,
        problem: "\(what) is said to be \(length) bytes at \(offset) of \(count); the file may be "
          + "truncated")
    }
    let start = bytes.startIndex + offset
    return bytes[start..<start + length]
  }

  /// The little-endian number at `offset`.
  func number<Number: FixedWidthInteger>(
    _ offset: Int, _: Number.Type, _ what: String
  ) throws -> Number {
    let part = try slice(offset, MemoryLayout<Number>.size, what)
    return part.reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
  }

  /// The little-endian number at `offset` as an `Int`; one that does not fit is too large for any
  /// check that follows.
  func size(_ offset: Int, bytes width: Int, _ what: String) throws -> Int {
    let part = try slice(offset, width, what)
    let value: UInt64 = part.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    return Int(clamping: value)
  }
}
