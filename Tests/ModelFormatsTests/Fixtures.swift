import Foundation

/// The models and arrays in `Tests/Fixtures`.
enum Fixtures {
  static let repository =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path + "/"
  static let folder = repository + "Tests/Fixtures/"

  /// Names, without `.onnx`, of all models.
  static let models: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { $0.hasSuffix(".onnx") }.map { String($0.dropLast(5)) }.sorted()

  static func path(_ name: String) -> String { folder + name }
}
