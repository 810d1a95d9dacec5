internal import Foundation

/// Opens a regular file for reading without copying it into memory.
enum InputFile {
  /// The bytes of the file at `path`, mapped.
  ///
  /// - Throws: ``ModelFormatError/unreadable(path:reason:)`` when there is no such file, it is not
  ///   a regular one, or reading it is not allowed; ``ModelFormatError/malformed(path:problem:)``
  ///   when it is empty.
  static func map(_ path: String) throws -> Data {
    var status = stat()
    guard stat(path, &status) == 0, access(path, R_OK) == 0 else {
      throw ModelFormatError.unreadable(path: path, reason: systemReason(errno))
    }
    // Opening a pipe would wait for a writer that may never come.
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ModelFormatError.unreadable(path: path, reason: "it is not a regular file")
    }
    guard status.st_size > 0 else {
      throw ModelFormatError.malformed(path: path, problem: "it is empty")
    }
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    } catch {
      throw ModelFormatError.unreadable(path: path, reason: "\(error.localizedDescription)")
    }
  }
}
