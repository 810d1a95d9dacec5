internal import ModelFormats
internal import Models
internal import Tensors
internal import Training

/// Inputs, and labels where they are needed, read for a certain model.
struct DataFile {
  let path: String
  let inputs: [String: Tensor]
  let labels: Tensor?

  /// Reads an `.npz` archive or an idx file.
  ///
  /// - Parameters:
  ///   - path: An archive with an array for every graph input, named as the graph names it, or `x`
  ///     where there is one; and `y` for labels. Or an idx file of images.
  ///   - labelsPath: An idx file of labels, for an idx file of images.
  ///   - graph: The model that the inputs are for.
  init(_ path: String, labels labelsPath: String? = nil, for graph: ModelGraph) throws {
    self.path = path
    if path.hasSuffix(".npz") {
      let archive = try ArrayArchive(contentsOf: path)
      var inputs: [String: Tensor] = [:]
      for port in graph.inputs {
        guard let array = archive[port.name] ?? (graph.inputs.count == 1 ? archive["x"] : nil)
        else {
          throw Failure(
            """
            \(path): has no array for the input '\(port.name)'; it holds \
            \(archive.names.joined(separator: ", ")). Name the array '\(port.name)'\
            \(graph.inputs.count == 1 ? " or 'x'" : "")
            """, .data)
        }
        // What a model of half precision takes is computed on in single precision.
        inputs[port.name] =
          array.elementType.isHalf && port.type == .float32 ? try array.cast(to: .float32) : array
      }
      self.inputs = inputs
      labels = archive["y"]
    } else {
      guard graph.inputs.count == 1, let port = graph.inputs.first else {
        throw Failure("\(path): an idx file serves a model of one input only", .data)
      }
      let images = try IDXFile(contentsOf: path).tensor
      let sizes = port.shape.dropFirst().map { $0 ?? -1 }
      inputs = try Failure.about(path) {
        [
          port.name: try images.cast(to: port.type).divided(by: 255)
            .reshaped([images.shape[0]] + sizes)
        ]
      }
      labels = try labelsPath.map { try IDXFile(contentsOf: $0).tensor }
    }
    guard inputs.values.allSatisfy({ ($0.shape.first ?? 0) > 0 }) else {
      throw Failure("\(path): holds no inputs; give at least one", .data)
    }
    for (name, tensor) in inputs where try !tensor.isFinite() {
      throw Failure("\(path): the array '\(name)' holds NaN or infinite numbers", .data)
    }
  }

  /// Whether there is an array 'y' that can be labels: integers of shape [m].
  var hasLabels: Bool {
    labels.map { !$0.elementType.isFloatingPoint && $0.rank == 1 } ?? false
  }

  /// Inputs with their labels.
  func labeled() throws -> LabeledData {
    guard let labels else {
      throw Failure("\(path): has no array 'y' of labels, integers of shape [m]", .data)
    }
    guard !labels.elementType.isFloatingPoint, labels.rank == 1 else {
      throw Failure(
        "\(path): 'y' must hold integers of shape [m], got \(labels.elementType) of shape "
          + "\(labels.shape)", .data)
    }
    return try Failure.about(path) {
      try LabeledData(inputs: inputs, labels: labels.cast(to: .int64))
    }
  }
}
