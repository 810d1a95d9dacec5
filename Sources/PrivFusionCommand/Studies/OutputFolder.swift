internal import Foundation

/// The folder that a study writes to.
enum OutputFolder {
  /// Makes the folder, and those around it, where they are missing.
  ///
  /// - Throws: ``Failure`` with exit code 73 when the folder can't be made.
  static func make(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw Failure(
        "can't make the folder \(path): name one that can be written with --output-directory",
        .cannotCreate)
    }
  }
}
