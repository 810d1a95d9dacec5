internal import Models
internal import Tensors
internal import Training

/// How many records fit a bounded amount of memory at once, from the sizes of one record's values.
struct RecordMemory {
  /// 64 MiB of single-precision numbers.
  private static let limit = 1 << 24
  /// More records at once are no faster.
  private static let greatestBatch = 1024

  /// From 1 to 1024.
  let batchSize: Int

  /// - Parameter data: Only shapes are used, but for the check that labels name classes.
  /// - Throws: `TrainingError.labelRange(classes:)`, `TrainingError.outputShape(name:found:)`;
  ///   ``PrivateTrainingError/recordsNotKeptApart(operation:node:)``.
  init(_ graph: RecordwiseGraph, _ data: LabeledData) throws {
    // Two, as one record could not be told from no axis at all.
    let count = 2
    let inputs = try data.inputs.mapValues { tensor in
      try Tensor.zeros([count] + tensor.shape.dropFirst(), type: tensor.elementType)
    }
    var elements = 0
    let values = try withoutGradients {
      try graph.values(inputs, count: count, parameters: [:]) { elements += $0.reduce(1, *) }
    }
    if let logits = values[graph.logitsName] {
      try data.checkLabels(against: logits, named: graph.logitsName)
    }
    for layer in graph.layers {
      guard let weight = graph.graph.initializers[layer.weight], let input = values[layer.input],
        let output = values[layer.output]
      else { continue }
      elements += LayerGradients.elementCount(
        layer, input: input.shape, output: output.shape, weight: weight.shape)
    }
    batchSize = min(Self.greatestBatch, max(1, Self.limit * count / max(elements, 1)))
  }
}
