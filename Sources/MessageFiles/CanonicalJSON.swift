internal import Foundation

/// JSON with sorted keys and without spaces; a `Double` is written with the shortest digits that
/// tell it apart, so that numbers come back exactly.
enum CanonicalJSON {
  static func data(of value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }
}

/// Bytes as lower-case digits of base 16.
enum Hexadecimal {
  static func text(of bytes: [UInt8]) -> String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
