internal import ModelFormats
internal import Models

/// A model read from a file.
struct ModelFile {
  let path: String
  let model: ONNXModel
  /// Where weights lie that are not the graph's own.
  let weights: WeightFiles?
  /// The network as it is computed: half precision is widened, and narrowed again on writing.
  let graph: ModelGraph

  /// Reads a model and refuses one with weights that are not finite.
  ///
  /// - Parameters:
  ///   - path: An ONNX file.
  ///   - weightsPath: The safetensors file, or the index of several, that holds its weights.
  ///   - isStored: Whether `graph` is the network as it is stored, and takes no memory.
  init(_ path: String, weights weightsPath: String? = nil, asStored isStored: Bool = false) throws {
    self.path = path
    weights = try weightsPath.map { try WeightFiles(contentsOf: $0) }
    model = try ONNXModel(contentsOf: path, weights: weights)
    try model.validateFinite()
    graph = isStored ? model.graph : try model.graph.inSinglePrecision()
  }

  /// What the model is called in words.
  var label: String { weights.map { "\(path) with \($0.path)" } ?? path }

  /// The SHA-256 of every file that the model was read from but external data.
  var digests: [String] {
    get throws {
      try ([path] + (weights?.paths ?? [])).map { try FileDigest(contentsOf: $0).hexadecimal }
    }
  }

  /// The places of files in the order of their contents, so that what is made of them does not
  /// depend on the order in which they are named.
  static func orderByContent(_ files: [ModelFile]) throws -> [Int] {
    let digests = try files.map { try $0.digests.joined() }
    return files.indices.sorted { (digests[$0], files[$0].label) < (digests[$1], files[$1].label) }
  }

  /// Checks that another file's model has the same architecture, and gives its parameters under this
  /// one's names.
  func match(_ other: ModelFile) throws -> ArchitectureMatch {
    do {
      return try ArchitectureMatch(graph, other.graph)
    } catch let error as ModelError {
      throw Failure(
        "\(other.label): \(error); the first model is \(label). Fuse models of one architecture",
        .data)
    }
  }
}
