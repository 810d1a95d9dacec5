internal import Foundation
internal import Models

/// The files that changes start from, by kind.
struct Corpus {
  private let seeds: [(kind: Trial.Kind, files: [[UInt8]])]

  /// Larger fixtures would be read for most of the time.
  private static let limit = 40_000

  init(_ folder: String) throws {
    // A folder within the folder counts too.
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
    seeds = Trial.Kind.allCases.compactMap { kind in
      let files = names.filter { Self.kind(of: $0) == kind }
        .compactMap { FileManager.default.contents(atPath: folder + "/" + $0).map(Array.init) }
        .filter { !$0.isEmpty && $0.count <= Self.limit }
      return files.isEmpty ? nil : (kind, files)
    }
    guard !seeds.isEmpty else {
      throw FuzzOptions.Misused(description: "\(folder) holds no fixtures")
    }
  }

  private static func kind(of name: String) -> Trial.Kind? {
    if name.hasSuffix(".safetensors.index.json") { return .index }
    if name.contains("ubyte") { return .idx }
    return Trial.Kind(rawValue: URL(fileURLWithPath: name).pathExtension)
  }

  /// File number `index` of the run that `seed` names: every second one is a model.
  func file(seed: UInt64, index: Int) -> (kind: Trial.Kind, bytes: [UInt8]) {
    var generator = SeededGenerator(seed: seed ^ UInt64(index) &* 0xd129_0ddb_53c4_3e49)
    let models = seeds.first { $0.kind == .onnx }
    let chosen =
      models.flatMap { Bool.random(using: &generator) ? $0 : nil }
      ?? seeds[Int.random(in: 0..<seeds.count, using: &generator)]
    return (
      chosen.kind,
      Mutation.file(
        from: chosen.files, areMessages: chosen.kind == .onnx, seed: seed, index: index)
    )
  }

  /// Writes a file and returns its path.
  @discardableResult
  func place(
    _ file: (kind: Trial.Kind, bytes: [UInt8]), in folder: String, named prefix: String = ""
  ) throws -> String {
    let path = folder + "/" + prefix + file.kind.fileName
    try Data(file.bytes).write(to: URL(fileURLWithPath: path))
    return path
  }
}
