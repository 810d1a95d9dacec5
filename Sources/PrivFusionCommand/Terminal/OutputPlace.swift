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
  /// - Parameter inputs: What the command reads, which must not be what it replaces.
  /// - Throws: ``Failure`` with exit code 73, or 64 where the file is one of the inputs.
  static func checkFile(_ path: String, besides inputs: [String?] = []) throws {
    let place = Self.place(path)
    if let input = inputs.compactMap(\.self).first(where: { Self.place($0) == place }) {
      throw Failure("\(path): would replace \(input), which is read; name another output", .usage)
    }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
    guard exists, isFolder.boolValue, FileManager.default.isWritableFile(atPath: folder) else {
      throw Failure(
        "can't write \(path): its folder \(folder) is missing or may not be written",
        .cannotCreate)
    }
    guard
      !FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) || !isFolder.boolValue
    else { throw Failure("can't write \(path): it is a folder", .cannotCreate) }
  }

  /// Where a path leads, through links.
  private static func place(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
  }
}
