internal import Foundation
internal import Synchronization

/// Folders that are gone when the command ends, however it ends.
enum TemporaryFolder {
  private static let folders = Mutex<Set<URL>>([])

  /// Makes a folder that nobody else can read.
  ///
  /// - Throws: ``Failure`` with exit code 73 when there is no place for temporary files.
  static func make() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "privfusion-\(UUID().uuidString)")
    // Known before it is there, so that an interruption right after finds it.
    folders.withLock { _ = $0.insert(folder) }
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw Failure(
        "can't make the temporary folder \(folder.path): set TMPDIR to one that can be written",
        .cannotCreate)
    }
    return folder
  }

  static func removeAll() {
    folders.withLock { folders in
      for folder in folders { try? FileManager.default.removeItem(at: folder) }
      folders.removeAll()
    }
  }
}
