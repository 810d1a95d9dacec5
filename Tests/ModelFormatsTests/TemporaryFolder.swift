import Foundation

/// Runs `body` with a folder that is deleted afterwards.
@discardableResult
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(
    path: "privfusion-formats-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path + "/")
}

extension Data {
  /// The file at `path`.
  init(file path: String) throws { try self.init(contentsOf: URL(fileURLWithPath: path)) }

  func write(file path: String) throws { try write(to: URL(fileURLWithPath: path)) }
}
