internal import ModelFormats
internal import Models

/// A model read from a file.
struct ModelFile {
  let path: String
  let model: ONNXModel

  var graph: ModelGraph { model.graph }

  /// Reads a model and refuses one with weights that are not finite.
  init(_ path: String) throws {
    self.path = path
    model = try ONNXModel(contentsOf: path)
    try model.validateFinite()
  }

  /// The places of files in the order of their contents, so that what is made of them does not
  /// depend on the order in which they are named.
  static func orderByContent(_ files: [ModelFile]) throws -> [Int] {
    let digests = try files.map { try FileDigest(contentsOf: $0.path).hexadecimal }
    return files.indices.sorted { (digests[$0], files[$0].path) < (digests[$1], files[$1].path) }
  }

  /// Checks that another file's model has the same architecture, and gives its parameters under this
  /// one's names.
  func match(_ other: ModelFile) throws -> ArchitectureMatch {
    do {
      return try ArchitectureMatch(graph, other.graph)
    } catch let error as ModelError {
      throw Failure(
        "\(other.path): \(error); the first model is \(path). Fuse models of one architecture",
        .data)
    }
  }
}
