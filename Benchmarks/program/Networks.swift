internal import ModelFormats
internal import Models
internal import PrivFusion
internal import Tensors
internal import Training

struct NetworkParameters: Decodable {
  /// An ONNX file.
  let model: String
  /// An .npz with a batch: `x`, and `labels` for training.
  let inputs: String
}

struct NoLogits: Error {}

/// A batch through the network, without gradients.
func forwardPass(_ parameters: NetworkParameters) throws -> Repetition {
  let graph = try ONNXModel(contentsOf: parameters.model).graph
  let x = try array("x", in: parameters.inputs)
  let pass = try ForwardPass(graph)
  guard let output = graph.outputs.first?.name else { throw NoLogits() }
  return {
    try Measurement {
      try pass.values(["x": x])
    } result: {
      try first($0[output])
    }
  }
}

/// Forward pass, cross-entropy, gradients and one step of Adam; every repetition goes on from the
/// last, so that the losses tell whether both sides take the same steps.
func trainingStep(_ parameters: NetworkParameters) throws -> Repetition {
  let graph = try ONNXModel(contentsOf: parameters.model).graph
  let x = try array("x", in: parameters.inputs)
  let labels = try array("labels", in: parameters.inputs)
  let model = try TrainableModel(graph)
  guard let output = graph.logitsName else { throw NoLogits() }
  return {
    try Measurement {
      guard let logits = try model.values(["x": x], capturing: [output])[output] else {
        throw NoLogits()
      }
      let loss = try logits.crossEntropy(labels: labels)
      try model.step(loss, rate: 1e-4)
      return try loss.detached().scalar()
    } result: {
      [$0]
    }
  }
}

struct RidgeParameters: Decodable {
  /// An .npz with `weight` `[outputs, inputs]`, `x` `[rows, inputs]` and `wanted` `[outputs, rows]`.
  let inputs: String
  let lambda: Double
}

/// The filter's ridge regression from a prior, with the bias.
func ridgeSolve(_ parameters: RidgeParameters) throws -> Repetition {
  let weight = try array("weight", in: parameters.inputs).unsqueezed(0)
  let x = try array("x", in: parameters.inputs).unsqueezed(0)
  let wanted = try array("wanted", in: parameters.inputs)
  return {
    try Measurement {
      try LayerFilter.output(
        weight: weight, weightVariance: 0, inputs: x, wanted: wanted, lambda: parameters.lambda)
    } result: {
      try first($0.weight) + first($0.bias)
    }
  }
}

/// The first numbers of a tensor, by which two sides are compared.
private func first(_ tensor: Tensor?) throws -> [Double] {
  guard let tensor else { throw NoLogits() }
  let numbers: [Float] = try tensor.elements()
  return numbers.prefix(64).map(Double.init)
}
