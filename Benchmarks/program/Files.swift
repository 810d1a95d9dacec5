internal import ModelFormats
internal import Models
internal import Tensors

struct FileParameters: Decodable {
  /// An ONNX file.
  let model: String
  /// Where to write it again.
  let output: String?
}

func reading(_ parameters: FileParameters) -> Repetition {
  {
    try Measurement {
      let graph = try ONNXModel(contentsOf: parameters.model).graph
      // Weights stay in their file until they are used; the other side has arrays of them.
      return (graph, try graph.initializers.values.map { try $0.contiguous() })
    } result: {
      [Double($0.0.parameterCount)]
    }
  }
}

/// Writes the file so that it is on the disk, whole, or not there at all.
func writing(_ parameters: FileParameters) throws -> Repetition {
  let model = try ONNXModel(contentsOf: parameters.model)
  let output = parameters.output ?? parameters.model + ".written"
  return {
    try Measurement {
      try model.write(to: output)
    } result: {
      [Double(try ONNXModel(contentsOf: output).graph.parameterCount)]
    }
  }
}
