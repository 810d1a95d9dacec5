internal import Foundation

/// Opens a regular file for reading without copying it into memory.
enum InputFile {
  /// The bytes of the file at `path`, mapped.
  ///
  /// - Throws: As ``MappedFile/init(_:)``.
  static func map(_ path: String) throws -> Data { try MappedFile(path).data }

  /// The path of a file that another one names.
  ///
  /// A link may lead to another file of the folder, or to one beside the file that `path` itself is a
  /// link to, as in the caches of model hubs; nowhere else, however it is called.
  ///
  /// - Parameters:
  ///   - path: The file that names it.
  ///   - name: Relative to that file's folder.
  ///   - what: What is named, for messages.
  /// - Throws: ``ModelFormatError/malformed(path:problem:)`` when the name, or a link, leaves the folder;
  ///   ``ModelFormatError/unreadable(path:reason:)`` when there is no such file.
  static func beside(_ path: String, named name: String, what: String) throws -> String {
    func outside() -> ModelFormatError {
      .malformed(
        path: path, problem: "\(what) is at '\(name)', which is not inside the model's folder")
    }
    let components = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !name.isEmpty, !name.hasPrefix("/"), !name.contains("\\"), !name.utf8.contains(0),
      !components.contains("..")
    else { throw outside() }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let place = folder + name
    guard let target = real(place) else {
      throw ModelFormatError.unreadable(path: place, reason: systemReason(errno))
    }
    let allowed = [real(folder.isEmpty ? "." : folder), real(path).map(parent)]
    guard
      allowed.contains(where: { $0.map { target.hasPrefix($0 == "/" ? $0 : $0 + "/") } ?? false })
    else { throw outside() }
    return place
  }

  /// Where a path leads, through all links.
  private static func real(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func parent(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }
}
