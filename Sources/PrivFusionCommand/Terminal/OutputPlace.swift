internal import Foundation

/// Where a command writes to, looked at before the work begins.
enum OutputPlace {
  /// Makes a folder, and those around it, where they are missing.
  ///
  /// - Throws: ``Failure`` with exit code 73 when the folder can't be made.
  static func makeFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw Failure(
        "can't make the folder \(path): name one that can be written with --output-directory",
        .cannotCreate)
    }
  }

  /// Checks that a file can be made, so that nobody learns only after minutes that it can't.
  ///
  /// - Throws: ``Failure`` with exit code 73.
  static func checkFile(_ path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
    guard exists, isFolder.boolValue, FileManager.default.isWritableFile(atPath: folder) else {
      throw Failure(
        "can't write \(path): its folder \(folder) is missing or may not be written",
        .cannotCreate)
    }
  }
}
