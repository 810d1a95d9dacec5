internal import Foundation

/// What a zip archive says it holds; checked against the file, not believed.
struct ZipDirectory {
  /// One file in the archive.
  struct Entry {
    let name: String
    let isDeflated: Bool
    let checksum: UInt32
    let byteCount: Int
    /// The stored bytes.
    let content: Data
  }

  let entries: [Entry]

  /// Zip's signatures (PKWARE APPNOTE 6.3.10, sections 4.3.7 to 4.3.16).
  enum Signature {
    static let local: UInt32 = 0x0403_4b50
    static let central: UInt32 = 0x0201_4b50
    static let end: UInt32 = 0x0605_4b50
    static let end64: UInt32 = 0x0606_4b50
    static let locator64: UInt32 = 0x0706_4b50
  }

  /// - Throws: ``ModelFormatError/malformed(path:problem:)`` when a size, place, name or count is
  ///   not the file's; ``ModelFormatError/unsupported(path:feature:advice:)`` for encryption and
  ///   for compression other than deflate.
  init(_ file: Data, path: String) throws {
    let reader = ByteReader(file, path: path)
    let directory = try Self.locate(reader, path: path)
    var entries: [Entry] = []
    var names: Set<String> = []
    var regions: [Range<Int>] = []
    var offset = directory.offset
    for _ in 0..<directory.count {
      let record = try Self.record(reader, at: offset, path: path)
      let entry = try Self.entry(record, reader, limit: directory.offset, path: path)
      guard names.insert(entry.0.name).inserted else {
        throw ModelFormatError.malformed(path: path, problem: "'\(entry.0.name)' is there twice")
      }
      entries.append(entry.0)
      regions.append(entry.1)
      offset = record.end
    }
    guard offset == directory.end else {
      throw ModelFormatError.malformed(
        path: path, problem: "it declares \(directory.count) entries, and its directory has others")
    }
    // Entries that share bytes are how a small archive claims to be a huge one.
    regions.sort { $0.lowerBound < $1.lowerBound }
    for (first, second) in zip(regions, regions.dropFirst())
    where first.upperBound > second.lowerBound {
      throw ModelFormatError.malformed(path: path, problem: "entries of the archive overlap")
    }
    self.entries = entries
  }

  /// Finds the central directory from the record at the file's end.
  private static func locate(
    _ reader: ByteReader, path: String
  ) throws -> (offset: Int, end: Int, count: Int) {
    // 22 bytes, then a comment of at most 65,535.
    var position = reader.count - 22
    let lowest = max(0, position - 65_535)
    while position >= lowest {
      if try reader.number(position, UInt32.self, "the end record") == Signature.end {
        let comment = try reader.size(position + 20, bytes: 2, "the archive's comment")
        if position + 22 + comment == reader.count { break }
      }
      position -= 1
    }
    guard position >= lowest, position >= 0 else {
      throw ModelFormatError.malformed(
        path: path, problem: "it is not a whole zip archive; the file may be truncated")
    }
    var count = try reader.size(position + 10, bytes: 2, "the number of entries")
    var offset = try reader.size(position + 16, bytes: 4, "the directory's place")
    var end = position
    if position >= 20,
      try reader.number(position - 20, UInt32.self, "the zip64 locator") == Signature.locator64
    {
      let record = try reader.size(position - 12, bytes: 8, "the zip64 record's place")
      guard record < position,
        try reader.number(record, UInt32.self, "the zip64 record") == Signature.end64
      else { throw ModelFormatError.malformed(path: path, problem: "its zip64 record is damaged") }
      count = try reader.size(record + 32, bytes: 8, "the number of entries")
      offset = try reader.size(record + 48, bytes: 8, "the directory's place")
      end = record
    }
    // A record of the directory is at least 46 bytes.
    guard offset <= end, count <= (end - offset) / 46 else {
      throw ModelFormatError.malformed(
        path: path, problem: "it declares \(count) entries from byte \(offset), which is impossible"
      )
    }
    return (offset, end, count)
  }

  private static func entry(
    _ record: Record, _ reader: ByteReader, limit: Int, path: String
  ) throws -> (Entry, Range<Int>) {
    guard record.flags & 1 == 0 else {
      throw ModelFormatError.unsupported(
        path: path, feature: "the encrypted entry '\(record.name)'", advice: "save it unencrypted")
    }
    guard record.method == 0 || record.method == 8 else {
      throw ModelFormatError.unsupported(
        path: path, feature: "zip compression method \(record.method) in '\(record.name)'",
        advice: "save it with numpy.savez or numpy.savez_compressed")
    }
    let what = "entry '\(record.name)'"
    let header = record.localOffset
    guard header <= limit, try reader.number(header, UInt32.self, what) == Signature.local else {
      throw ModelFormatError.malformed(path: path, problem: "\(what) is not where it is said to be")
    }
    let nameLength = try reader.size(header + 26, bytes: 2, what)
    let extraLength = try reader.size(header + 28, bytes: 2, what)
    let start = header + 30 + nameLength + extraLength
    guard try reader.slice(header + 30, nameLength, what).elementsEqual(record.name.utf8) else {
      throw ModelFormatError.malformed(path: path, problem: "\(what) has two different names")
    }
    guard start <= limit, record.storedByteCount <= limit - start else {
      throw ModelFormatError.malformed(
        path: path,
        problem: "\(what) is said to take \(record.storedByteCount) bytes, which "
          + "is more than the file holds")
    }
    let possible =
      record.method == 0
      ? record.byteCount == record.storedByteCount
      : record.byteCount / Inflater.largestRatio <= record.storedByteCount
    guard possible else {
      throw ModelFormatError.malformed(
        path: path,
        problem: "\(what) of \(record.storedByteCount) stored bytes is said to hold "
          + "\(record.byteCount), which is impossible")
    }
    let content = try reader.slice(start, record.storedByteCount, what)
    let entry = Entry(
      name: record.name, isDeflated: record.method == 8, checksum: record.checksum,
      byteCount: record.byteCount, content: content)
    return (entry, header..<start + record.storedByteCount)
  }
}
