/// The headers of one stored file in a zip archive (PKWARE APPNOTE 6.3.10).
///
/// Sizes are always written in zip64's 8 bytes, as NumPy does, so that one form serves all sizes.
struct ZipRecord {
  let name: String
  let checksum: UInt32
  let byteCount: Int
  /// Where the local header is in the archive.
  let offset: Int

  /// 1980-01-01, the first day of zip's calendar: the bytes must not depend on the clock.
  private static let date: UInt16 = 1 << 5 | 1
  /// Version 4.5 of the format, which has zip64.
  private static let version: UInt16 = 45
  /// Names are UTF-8.
  private static let flags: UInt16 = 1 << 11

  var localHeader: [UInt8] {
    let extra =
      bytes(UInt16(1)) + bytes(UInt16(16)) + bytes(UInt64(byteCount))
      + bytes(UInt64(byteCount))
    return bytes(UInt32(0x0403_4b50)) + common + bytes(UInt32.max) + bytes(UInt32.max)
      + bytes(UInt16(name.utf8.count)) + bytes(UInt16(extra.count)) + Array(name.utf8) + extra
  }

  var directoryEntry: [UInt8] {
    let extra =
      bytes(UInt16(1)) + bytes(UInt16(24)) + bytes(UInt64(byteCount))
      + bytes(UInt64(byteCount)) + bytes(UInt64(offset))
    let sizes = bytes(UInt32.max) + bytes(UInt32.max)
    let lengths = bytes(UInt16(name.utf8.count)) + bytes(UInt16(extra.count))
    // No comment, disk 0, no attributes.
    let rest = [UInt8](repeating: 0, count: 10) + bytes(UInt32.max)
    return bytes(UInt32(0x0201_4b50)) + bytes(Self.version) + common + sizes + lengths + rest
      + Array(name.utf8) + extra
  }

  /// Version, flags, method (stored), time, date and checksum.
  private var common: [UInt8] {
    bytes(Self.version) + bytes(Self.flags) + bytes(UInt16(0)) + bytes(UInt16(0))
      + bytes(Self.date) + bytes(checksum)
  }

  /// The records that end an archive whose directory is at `offset`.
  static func end(entries: Int, byteCount: Int, offset: Int) -> [UInt8] {
    let count = bytes(UInt64(entries))
    let record =
      bytes(UInt32(0x0606_4b50)) + bytes(UInt64(44)) + bytes(version) + bytes(version)
      + bytes(UInt64(0)) + count + count + bytes(UInt64(byteCount)) + bytes(UInt64(offset))
    let locator =
      bytes(UInt32(0x0706_4b50)) + bytes(UInt32(0))
      + bytes(UInt64(offset + byteCount)) + bytes(UInt32(1))
    // What does not fit is all ones; readers then use the records above.
    let short = bytes(UInt16(clamping: entries))
    let end =
      bytes(UInt32(0x0605_4b50)) + bytes(UInt32(0)) + short + short
      + bytes(UInt32(clamping: byteCount)) + bytes(UInt32(clamping: offset)) + bytes(UInt16(0))
    return record + locator + end
  }
}

/// The little-endian bytes of a number.
private func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian) { Array($0) }
}
