internal import Foundation

/// Where ``AtomicFile`` lets bytes be written; valid only inside its closure.
public struct ByteSink: ~Copyable {
  private let descriptor: Int32
  private let path: String

  init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Appends `bytes`.
  ///
  /// - Throws: ``ModelFormatError/unwritable(path:reason:)``, as when the disk is full.
  public borrowing func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      // Linux transfers at most 2^31 - 4096 bytes a call.
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      let count = Foundation.write(descriptor, part.baseAddress, part.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw ModelFormatError.unwritable(path: path, reason: systemReason(errno))
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Appends `bytes`.
  public borrowing func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }
}
