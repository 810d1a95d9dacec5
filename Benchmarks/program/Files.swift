internal import ModelFormats
internal import Models

struct FileParameters: Decodable {
  /// An ONNX file.
  let model: String
  /// Where to write it again.
  let output: String?
}

func reading(_ parameters: FileParameters) -> Repetition {
  {
    try Measurement {
      try ONNXModel(contentsOf: parameters.model)
    } result: {
      [Double($0.graph.parameterCount)]
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
