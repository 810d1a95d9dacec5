/// Fields as bytes, so that no two lists of fields look alike.
///
///     8 bytes of length, big-endian | the field's bytes | ...     the first field is the domain
struct CanonicalBytes {
  private(set) var bytes: [UInt8] = []

  /// - Parameter domain: What the bytes are for, so that no hash of one thing is one of another.
  init(domain: String) { append(domain) }

  mutating func append(_ field: [UInt8]) {
    appendLength(field.count)
    bytes.append(contentsOf: field)
  }

  /// The length of a last field that follows by itself.
  mutating func appendLength(_ byteCount: Int) {
    withUnsafeBytes(of: UInt64(byteCount).bigEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ text: String) { append(Array(text.utf8)) }

  mutating func append(_ number: Int) {
    append(withUnsafeBytes(of: Int64(number).bigEndian) { Array($0) })
  }
}
