internal import Crypto
internal import Foundation

/// The SHA-256 of a file's content.
public struct FileDigest: Sendable, Hashable, CustomStringConvertible {
  /// 64 lower-case hexadecimal digits.
  public let hexadecimal: String

  /// Reads the file at `path` once, without holding it in memory.
  ///
  /// - Throws: ``ModelFormatError/unreadable(path:reason:)``.
  public init(contentsOf path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.unreadable(path) }
    defer { close(descriptor) }
    var hash = SHA256()
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw Self.unreadable(path)
      }
      chunk.withUnsafeBytes { hash.update(bufferPointer: .init(rebasing: $0[..<count])) }
    }
    hexadecimal = hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  public var description: String { hexadecimal }

  private static func unreadable(_ path: String) -> ModelFormatError {
    .unreadable(path: path, reason: systemReason(errno))
  }
}
