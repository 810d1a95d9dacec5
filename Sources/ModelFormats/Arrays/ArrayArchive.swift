internal import CZlib
internal import Foundation
public import Tensors

/// Named arrays in NumPy's `.npz` format: a zip archive of `.npy` files.
///
/// Stored and deflated archives are read, with zip64; arrays of truth values, of integers and of
/// floating-point numbers, little-endian, in C or Fortran order. `uint16` becomes `int32` and
/// `uint32` becomes `int64`.
public struct ArrayArchive: Sendable {
  /// Names in the file's order, without `.npy`.
  public let names: [String]
  private let tensors: [String: Tensor]

  /// Reads every array of the file at `path`.
  ///
  /// - Throws: ``ModelFormatError`` naming the file. What the file declares is checked before
  ///   memory is taken for it, and every checksum is verified.
  public init(contentsOf path: String) throws {
    let directory = try ZipDirectory(InputFile.map(path), path: path)
    var names: [String] = []
    var tensors: [String: Tensor] = [:]
    for entry in directory.entries {
      let name = try Self.name(of: entry, path: path)
      names.append(name)
      tensors[name] = try Self.tensor(of: entry, name: name, path: path)
    }
    self.names = names
    self.tensors = tensors
  }

  /// The array called `name`, if the file has one.
  public subscript(name: String) -> Tensor? { tensors[name] }

  private static func name(of entry: ZipDirectory.Entry, path: String) throws -> String {
    guard entry.name.hasSuffix(".npy") else {
      throw ModelFormatError.malformed(
        path: path, problem: "entry '\(entry.name)' is not an array (.npy)")
    }
    let name = String(entry.name.dropLast(4))
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !name.isEmpty, !name.hasPrefix("/"), !parts.contains(".."), !name.contains("\\"),
      !name.utf8.contains(0)
    else {
      throw ModelFormatError.malformed(
        path: path, problem: "entry '\(entry.name)' has a name that could lead out of a folder")
    }
    return name
  }

  private static func tensor(
    of entry: ZipDirectory.Entry, name: String, path: String
  ) throws -> Tensor {
    if !entry.isDeflated {
      try check(entry.content.withUnsafeBytes { checksum($0) }, of: entry, path: path)
      let header = try ArrayHeader(
        entry.content.prefix(ArrayHeader.limit), label: name, path: path)
      let extent = try extent(header, entry, name: name, path: path)
      return try entry.content.dropFirst(header.byteCount).withUnsafeBytes {
        try header.tensor($0, extent: extent)
      }
    }
    var inflater = try Inflater(entry.content, wrapping: .none, path: path)
    // The header comes first, to see whether the rest is as large as it should be.
    let prefix = try [UInt8](
      unsafeUninitializedCapacity: min(ArrayHeader.limit, entry.byteCount)
    ) { buffer, count in
      count = min(ArrayHeader.limit, entry.byteCount)
      try inflater.fill(.init(start: buffer.baseAddress, count: count))
    }
    let header = try ArrayHeader(Data(prefix), label: name, path: path)
    let extent = try extent(header, entry, name: name, path: path)
    let bytes = try [UInt8](unsafeUninitializedCapacity: entry.byteCount) { buffer, count in
      count = entry.byteCount
      let whole = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count)
      whole.copyBytes(from: prefix)
      try inflater.fill(.init(rebasing: whole[prefix.count...]))
    }
    try inflater.finish()
    try check(bytes.withUnsafeBytes { checksum($0) }, of: entry, path: path)
    return try bytes.withUnsafeBytes {
      try header.tensor(.init(rebasing: $0[header.byteCount...]), extent: extent)
    }
  }

  /// The array's extent, which must be what the archive holds of it.
  private static func extent(
    _ header: ArrayHeader, _ entry: ZipDirectory.Entry, name: String, path: String
  ) throws -> TensorExtent {
    guard
      let extent = TensorExtent(shape: header.shape, elementByteCount: header.storage.byteCount)
    else {
      throw ModelFormatError.malformed(
        path: path, problem: "array '\(name)' declares the impossible shape \(header.shape)")
    }
    guard extent.byteCount == entry.byteCount - header.byteCount else {
      throw ModelFormatError.tensorSize(
        path: path, tensor: name, shape: header.shape, expected: extent.byteCount,
        found: entry.byteCount - header.byteCount)
    }
    return extent
  }

  private static func check(
    _ checksum: UInt32, of entry: ZipDirectory.Entry, path: String
  ) throws {
    guard checksum == entry.checksum else {
      throw ModelFormatError.malformed(
        path: path, problem: "entry '\(entry.name)' does not have its checksum")
    }
  }

  /// Zip's CRC-32.
  static func checksum(_ bytes: UnsafeRawBufferPointer, after start: UInt32 = 0) -> UInt32 {
    let pointer = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    // With no bytes zlib would start over.
    guard let pointer else { return start }
    return UInt32(truncatingIfNeeded: crc32_z(UInt(start), pointer, bytes.count))
  }
}
