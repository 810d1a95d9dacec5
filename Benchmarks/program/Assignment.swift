internal import GraphMatching
internal import ModelFormats
internal import Tensors

struct AssignmentParameters: Decodable {
  let size: Int
  /// An .npz with `costs`, float32 of shape `[size, size]`.
  let inputs: String
}

func assignment(_ parameters: AssignmentParameters) throws -> Repetition {
  let size = parameters.size
  let costs: [Float] = try array("costs", in: parameters.inputs).elements()
  return {
    try Measurement {
      try LinearAssignment(costs: costs, rows: size, columns: size, goal: .minimum)
    } result: {
      [$0.total]
    }
  }
}

struct MissingArray: Error {
  let name: String
  let path: String
}

func array(_ name: String, in path: String) throws -> Tensor {
  guard let tensor = try ArrayArchive(contentsOf: path)[name] else {
    throw MissingArray(name: name, path: path)
  }
  return tensor
}
