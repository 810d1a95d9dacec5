internal import Models
internal import Tensors

/// Gives a classifier the outputs of all parties: its own in their places, and 0 for the others.
struct OutputUnion {
  private let graph: ModelGraph
  private let layer: LinearLayer

  /// - Parameter count: The number of classes that the party names.
  /// - Throws: ``FusionError/noClassifier`` where no linear layer makes the only output, and
  ///   ``FusionError/classCount(party:names:outputs:)``.
  init(_ graph: ModelGraph, party: Int, count: Int) throws {
    guard
      let layer = SharedArchitecture.outputLayer(of: graph, layers: graph.linearLayers),
      let outputs = graph.initializers[layer.weight]?.shape[layer.outputAxis]
    else { throw FusionError.noClassifier }
    guard outputs == count else {
      throw FusionError.classCount(party: party, names: count, outputs: outputs)
    }
    self.graph = graph
    self.layer = layer
  }

  /// The network with all outputs.
  ///
  /// - Parameters:
  ///   - classes: All parties' classes.
  ///   - party: Which party's network this is.
  ///   - scale: What outputs are brought to; not ``OutputScale/auto``.
  ///   - probe: The public inputs.
  func graph(
    for classes: ClassUnion, party: Int, scale: OutputScale, probe: InputBatches
  ) throws -> ModelGraph {
    guard let weight = graph.initializers[layer.weight] else { throw FusionError.noClassifier }
    let places = classes.places[party]
    let axis = layer.outputAxis
    var rows = try axis == 0 ? weight : weight.transposed()
    var bias =
      try layer.bias.flatMap { graph.initializers[$0] }
      ?? Tensor.zeros([places.count], type: weight.elementType)
    switch scale {
    case .asIs, .auto: break
    case .centered:
      (rows, bias) = (
        try rows.subtracting(rows.mean([0], keepingAxes: true)),
        try bias.subtracting(bias.mean([0], keepingAxes: true))
      )
    case .anchored:
      let anchors = classes.shared.compactMap { places.firstIndex(of: $0) }
      rows = try rows.subtracting(rows.selecting(anchors, axis: 0).mean([0], keepingAxes: true))
      bias = try bias.subtracting(bias.selecting(anchors, axis: 0).mean([0], keepingAxes: true))
    case .standardized:
      guard layer.bias != nil else { throw FusionError.noOutputBias }
      let logits = try self.logits(on: probe)
      let deviation = try logits.variance([0]).squareRoot().clamped(atLeast: 1e-6)
      rows = try rows.divided(by: deviation.unsqueezed(1))
      bias = try bias.subtracting(logits.mean([0])).divided(by: deviation)
    }
    var result = graph
    // An output that the party does not know reads the row of zeros behind its last.
    let sources = classes.names.indices.map { places.firstIndex(of: $0) ?? places.count }
    let wide = try widened(rows, sources)
    result.initializers[layer.weight] = try (axis == 0 ? wide : wide.transposed()).contiguous()
    if let name = layer.bias { result.initializers[name] = try widened(bias, sources) }
    result.outputs[0].shape[1] = classes.names.count
    return result
  }

  private func widened(_ tensor: Tensor, _ sources: [Int]) throws -> Tensor {
    var shape = tensor.shape
    shape[0] = 1
    return try Tensor.concatenated([tensor, .zeros(shape, type: tensor.elementType)])
      .selecting(sources, axis: 0)
  }

  /// Shape `[m, classes of the party]`.
  private func logits(on probe: InputBatches) throws -> Tensor {
    let pass = try ForwardPass(graph)
    return try Tensor.concatenated(
      probe.batches.compactMap { batch in
        try withoutGradients { try pass.values(batch, capturing: [layer.output])[layer.output] }
      })
  }
}
