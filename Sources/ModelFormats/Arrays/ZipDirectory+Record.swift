internal import Foundation

extension ZipDirectory {
  /// The fields of one record of the central directory.
  struct Record {
    var flags = 0
    var method = 0
    var checksum: UInt32 = 0
    var storedByteCount = 0
    var byteCount = 0
    var localOffset = 0
    var name = ""
    var end = 0
  }

  static func record(_ reader: ByteReader, at offset: Int, path: String) throws -> Record {
    let what = "the directory's entry"
    guard try reader.number(offset, UInt32.self, what) == Signature.central else {
      throw ModelFormatError.malformed(path: path, problem: "its zip directory is damaged")
    }
    var record = Record()
    record.flags = try reader.size(offset + 8, bytes: 2, what)
    record.method = try reader.size(offset + 10, bytes: 2, what)
    record.checksum = try reader.number(offset + 16, UInt32.self, what)
    record.storedByteCount = try reader.size(offset + 20, bytes: 4, what)
    record.byteCount = try reader.size(offset + 24, bytes: 4, what)
    let nameLength = try reader.size(offset + 28, bytes: 2, what)
    let extraLength = try reader.size(offset + 30, bytes: 2, what)
    let commentLength = try reader.size(offset + 32, bytes: 2, what)
    record.localOffset = try reader.size(offset + 42, bytes: 4, what)
    let nameBytes = try reader.slice(offset + 46, nameLength, "a name")
    guard let name = String(validating: nameBytes, as: UTF8.self) else {
      throw ModelFormatError.malformed(path: path, problem: "a name in it is not UTF-8")
    }
    record.name = name
    let extraStart = offset + 46 + nameLength
    record.end = extraStart + extraLength + commentLength
    _ = try reader.slice(offset, record.end - offset, what)
    try readZip64(&record, reader, from: extraStart, to: extraStart + extraLength, path: path)
    return record
  }

  /// Sizes of 8 bytes, in the extra field numbered 1, for those that are all ones in the record.
  private static func readZip64(
    _ record: inout Record, _ reader: ByteReader, from start: Int, to end: Int, path: String
  ) throws {
    let marker = Int(UInt32.max)
    var offset = start
    while offset + 4 <= end {
      let kind = try reader.size(offset, bytes: 2, "an extra field")
      let fieldEnd = offset + 4 + (try reader.size(offset + 2, bytes: 2, "an extra field"))
      offset += 4
      guard kind == 1 else {
        offset = fieldEnd
        continue
      }
      for key in [\Record.byteCount, \.storedByteCount, \.localOffset]
      where record[keyPath: key] == marker {
        guard offset + 8 <= min(fieldEnd, end) else { break }
        record[keyPath: key] = try reader.size(offset, bytes: 8, "a zip64 size")
        offset += 8
      }
      return
    }
  }
}
