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
