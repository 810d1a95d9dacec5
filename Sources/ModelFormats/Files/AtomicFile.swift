internal import Foundation
internal import Synchronization

/// Writes files that are either complete or absent.
///
/// The bytes go to a temporary file beside the destination, which is flushed to the disk and then
/// renamed over it. A reader never sees half a file, and a failure leaves what was there before.
public enum AtomicFile {
  /// Temporary files that exist now.
  private static let unfinished = Mutex<Set<String>>([])

  /// Replaces or makes the file at `path` with what `body` writes.
  ///
  /// A link is followed: the file that it points to is replaced.
  ///
  /// - Throws: ``ModelFormatError/unwritable(path:reason:)`` when the folder, the disk or the
  ///   permissions do not allow it; and whatever `body` throws. Nothing is left behind.
  public static func write(to path: String, _ body: (borrowing ByteSink) throws -> Void) throws {
    let destination = try resolved(path)
    let temporary = temporaryName(beside: destination.path)
    // Known before it is there, so that an interruption right after finds it.
    unfinished.withLock { _ = $0.insert(temporary) }
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      let failure = unwritable(path)
      unfinished.withLock { _ = $0.remove(temporary) }
      throw failure
    }
    var isOpen = true
    do {
      if let mode = destination.mode { _ = fchmod(descriptor, mode) }
      try body(ByteSink(descriptor: descriptor, path: path))
      guard fsync(descriptor) == 0 else { throw unwritable(path) }
      isOpen = false
      guard close(descriptor) == 0 else { throw unwritable(path) }
      guard rename(temporary, destination.path) == 0 else { throw unwritable(path) }
      unfinished.withLock { _ = $0.remove(temporary) }
    } catch {
      if isOpen { close(descriptor) }
      unlink(temporary)
      unfinished.withLock { _ = $0.remove(temporary) }
      throw error
    }
    synchronizeFolder(of: destination.path)
  }

  /// Replaces or makes the file at `path` with `bytes`.
  public static func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
    let array = Array(bytes)
    try write(to: path) { sink in try array.withUnsafeBytes { try sink.write($0) } }
  }

  /// Deletes the temporary files of writes that have not ended; for a handler of Ctrl-C that is
  /// about to end the program.
  public static func removeUnfinished() { removeUnfinished(in: "") }

  /// Deletes those whose paths begin with `folder`.
  package static func removeUnfinished(in folder: String) {
    unfinished.withLock { names in
      for name in names where name.hasPrefix(folder) {
        unlink(name)
        names.remove(name)
      }
    }
  }

  /// Where a link leads, and the permissions of the file that is there now.
  private static func resolved(_ path: String) throws -> (path: String, mode: mode_t?) {
    var status = stat()
    guard stat(path, &status) == 0 else { return (path, nil) }
    // Renaming over /dev/null or a pipe would destroy it.
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ModelFormatError.unwritable(
        path: path, reason: "it exists and is not a regular file; choose another name")
    }
    guard let real = realpath(path, nil) else { throw unwritable(path) }
    defer { free(real) }
    return (String(cString: real), status.st_mode & 0o777)
  }

  private static func temporaryName(beside path: String) -> String {
    let (folder, name) = split(path)
    let token = String(UInt64.random(in: 0 ... .max), radix: 36)
    // 255 bytes is the limit of a name; the token and the ending take at most 24.
    return folder + "." + String(decoding: name.utf8.prefix(200), as: UTF8.self)
      + ".\(token).partial"
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return ("", path) }
    return (String(path[...slash]), String(path[path.index(after: slash)...]))
  }

  /// Makes the rename itself durable; best effort, since some file systems refuse it.
  private static func synchronizeFolder(of path: String) {
    let folder = split(path).folder
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    close(descriptor)
  }

  private static func unwritable(_ path: String) -> ModelFormatError {
    .unwritable(path: path, reason: systemReason(errno))
  }
}

/// The operating system's words for an error number.
func systemReason(_ number: Int32) -> String {
  number == ENOSPC ? "the disk is full" : String(cString: strerror(number)).lowercased()
}
