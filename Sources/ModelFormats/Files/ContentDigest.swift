internal import Crypto

/// The SHA-256 of several pieces of content, each after its length.
public struct ContentDigest: Sendable, Hashable {
  /// 32 bytes.
  public let bytes: [UInt8]

  /// - Parameter parts: Pieces of any length; where one ends and the next begins counts.
  public init(of parts: [[UInt8]]) {
    var hash = SHA256()
    for part in parts {
      withUnsafeBytes(of: Int64(part.count).littleEndian) { hash.update(bufferPointer: $0) }
      hash.update(data: part)
    }
    bytes = Array(hash.finalize())
  }
}
