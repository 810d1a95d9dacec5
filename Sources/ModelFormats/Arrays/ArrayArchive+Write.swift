public import Tensors

extension ArrayArchive {
  /// Writes `arrays` to one `.npz` file or none; the same arrays always make the same bytes.
  ///
  /// The archive is not compressed. `bfloat16`, which NumPy lacks, is written as `float32`.
  ///
  /// - Parameters:
  ///   - arrays: Names without `.npy`, and no name twice.
  ///   - path: The file to write; one that is there already is replaced.
  /// - Throws: ``ModelFormatError/malformed(path:problem:)`` for names that are equal or longer than
  ///   65,000 bytes; ``ModelFormatError/unwritable(path:reason:)``.
  public static func write(_ arrays: [(String, Tensor)], to path: String) throws {
    let names = arrays.map(\.0)
    guard Set(names).count == names.count,
      names.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 65_000 })
    else {
      throw ModelFormatError.malformed(
        path: path, problem: "names of arrays must be different, not empty and below 65,000 bytes")
    }
    try AtomicFile.write(to: path) { sink in
      var directory: [UInt8] = []
      var offset = 0
      for (name, tensor) in arrays {
        let stored = tensor.elementType == .bfloat16 ? try tensor.cast(to: .float32) : tensor
        let header = ArrayHeader.bytes(for: stored, as: stored.elementType)
        let elements = try stored.storedBytes()
        let checksum = elements.withUnsafeBytes {
          Self.checksum($0, after: header.withUnsafeBytes { Self.checksum($0) })
        }
        let record = ZipRecord(
          name: name + ".npy", checksum: checksum, byteCount: header.count + elements.count,
          offset: offset)
        let local = record.localHeader
        try sink.write(local)
        try sink.write(header)
        try sink.write(elements)
        directory += record.directoryEntry
        offset += local.count + record.byteCount
      }
      try sink.write(directory)
      try sink.write(
        ZipRecord.end(entries: arrays.count, byteCount: directory.count, offset: offset))
    }
  }
}
