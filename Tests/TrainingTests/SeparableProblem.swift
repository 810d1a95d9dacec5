import Models
import Tensors
import Training

/// Points around one corner of a hypercube a class: separable, and easy to learn.
func separableProblem(samples: Int, inputs: Int, classes: Int, seed: UInt64) throws -> LabeledData {
  let labels = (0..<samples).map { $0 % classes }
  let centers = try Tensor.normal([classes, inputs], seed: 1).multiplied(by: 2)
  let noise = try Tensor.normal([samples, inputs], seed: seed)
  return try LabeledData(
    inputs: ["x": centers.selecting(labels, axis: 0).adding(noise)],
    labels: Tensor(indices: labels))
}

/// The share of samples that `graph` puts into the right class.
func accuracy(_ graph: ModelGraph, _ data: LabeledData) throws -> Double {
  let logits = try ForwardPass(graph).values(data.inputs)["logits"]
  let predicted: [Int64] = try logits?.argmax(axis: 1).elements() ?? []
  let labels: [Int64] = try data.labels.elements()
  return Double(zip(predicted, labels).count { $0 == $1 }) / Double(labels.count)
}

/// Whether two graphs hold the same parameters, bit for bit.
func isIdentical(_ a: ModelGraph, _ b: ModelGraph) throws -> Bool {
  guard Set(a.initializers.keys) == Set(b.initializers.keys) else { return false }
  return try a.initializers.allSatisfy { name, tensor in
    try b.initializers[name].map { try tensor.isIdentical(to: $0) } ?? false
  }
}
