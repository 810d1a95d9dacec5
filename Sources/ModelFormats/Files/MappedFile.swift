internal import Foundation

/// The bytes of a regular file, mapped: none is in memory before it is read, and those that were read
/// can be dropped again, since the file has them.
///
/// A file that is replaced by renaming, as ``AtomicFile`` does, stays readable as it was. One that
/// another program cuts short in place can't be read any more, and reading it ends the process.
///
/// `@unchecked Sendable`: the bytes are never written.
final class MappedFile: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer

  /// - Throws: ``ModelFormatError/unreadable(path:reason:)`` when there is no such file, it is not
  ///   a regular one, or reading it is not allowed; ``ModelFormatError/malformed(path:problem:)``
  ///   when it is empty.
  init(_ path: String) throws {
    func unreadable() -> ModelFormatError {
      .unreadable(path: path, reason: systemReason(errno))
    }
    // Opening a pipe would wait for a writer that may never come.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw unreadable() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable() }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ModelFormatError.unreadable(path: path, reason: "it is not a regular file")
    }
    guard status.st_size > 0 else {
      throw ModelFormatError.malformed(path: path, problem: "it is empty")
    }
    let size = Int(status.st_size)
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
    else { throw unreadable() }
    bytes = UnsafeRawBufferPointer(start: start, count: size)
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

  /// The same bytes as `Data`, which keeps the mapping.
  var data: Data {
    guard let start = bytes.baseAddress else { return Data() }
    return Data(
      bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: bytes.count,
      deallocator: .custom { _, _ in withExtendedLifetime(self) {} })
  }
}

/// Some bytes of a mapped file.
struct FileBytes {
  let file: MappedFile
  let range: Range<Int>
}
