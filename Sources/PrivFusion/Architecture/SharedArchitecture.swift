public import Models
internal import Symmetry
public import Tensors

/// What all parties know before anything is sent: the graph, its symmetry, and the probe.
///
/// Everything here is computed from public things (the architecture, the probe, a seed) and is the
/// same for every party.
public struct SharedArchitecture: Sendable {
  /// Batch normalisation folded; the protocol works on the folded graph.
  public let folding: BatchNormFolding
  public let pass: ForwardPass
  /// The proved permutation groups of the folded graph.
  public let groups: PermutationGroups
  public let check: SymmetryCheck
  public let probe: InputBatches
  public let seed: UInt64
  /// Linear layers whose outputs are compared and filtered, in topological order.
  let hiddenLayers: [LinearLayer]
  /// The layer that makes the logits, when the network is a classifier.
  let outputLayer: LinearLayer?
  let scaling: CanonicalScaling
  /// The shape `[units, N]` of each hidden layer's signature.
  private(set) var signatureShapes: [[Int]] = []

  /// - Parameters:
  ///   - graph: The architecture; its initializers' values do not matter.
  ///   - probe: At least two public inputs, a tensor for every graph input.
  ///   - seed: Public; for the check of the symmetry, and for which rows of a layer are looked at.
  public init(_ graph: ModelGraph, probe: [String: Tensor], seed: UInt64) throws {
    folding = try BatchNormFolding(graph)
    let graph = folding.graph
    pass = try ForwardPass(graph)
    self.probe = try InputBatches(probe, for: graph)
    guard self.probe.count > 1 else { throw FusionError.tooFewProbes(self.probe.count) }
    self.seed = seed
    let sample = try Self.sample(of: self.probe, for: graph)
    let derived = try PermutationGroups(pass, inputs: sample)
    check = try SymmetryCheck(derived, of: pass, inputs: sample, seed: seed)
    // The check's own parameters were twice the network's size.
    TensorEngine.returnMemory()
    let proved = check.proved
    let groups = derived.filtered(
      { proved.contains($0) }, because: "belongs to a group that is not proved")
    self.groups = groups
    let layers = graph.linearLayers
    let output = Self.outputLayer(of: graph, layers: layers)
    outputLayer = output
    hiddenLayers = layers.filter { $0 != output && groups.valueStructures[$0.output] != nil }
    // All layers: the last hidden layer's units are consumed by the output layer.
    scaling = CanonicalScaling(graph, layers: layers, groups: groups)
    signatureShapes = try shapesOfSignatures()
  }

  private func shapesOfSignatures() throws -> [[Int]] {
    var shapes = hiddenLayers.map { [units(of: $0).size, 0] }
    let wanted = Set(hiddenLayers.map(\.output))
    // All batches but the last are of one size.
    for index in Set([0, probe.batches.count - 1]) {
      let repeats = index == 0 ? max(probe.batches.count - 1, 1) : 1
      let values = try withoutGradients {
        try pass.values(probe.batches[index], capturing: wanted)
      }
      for (place, layer) in hiddenLayers.enumerated() {
        guard let value = values[layer.output] else { continue }
        let total = try layer.outputRows(value).shape[0]
        shapes[place][1] += repeats * rows(of: layer, batch: index, total: total).rows.count
      }
    }
    return shapes
  }

  /// A batch of two inputs, or of the size that the model declares.
  static func sample(of probe: InputBatches, for graph: ModelGraph) throws
    -> [String: Tensor]
  {
    let isFixed = graph.inputs.contains { $0.shape.first.flatMap(\.self) != nil }
    guard !isFixed, probe.count > 1 else { return probe.batches[0] }
    return try probe.batches[0].mapValues { try $0.slice(0..<min(2, $0.shape[0])) }
  }

  /// The layer whose outputs are the graph's only output, directly or through a softmax.
  static func outputLayer(of graph: ModelGraph, layers: [LinearLayer]) -> LinearLayer? {
    guard graph.outputs.count == 1, graph.outputs[0].shape.count == 2 else { return nil }
    var name = graph.outputs[0].name
    if let last = graph.nodes.last(where: { $0.outputs.contains(name) }),
      ["Softmax", "LogSoftmax"].contains(last.operation)
    {
      name = last.inputs[0]
    }
    return layers.last { $0.output == name }
  }

  /// The structure of a layer's units.
  func units(of layer: LinearLayer) -> AxisStructure {
    let axes = groups.valueStructures[layer.output] ?? []
    let axis = layer.unitAxis < 0 ? axes.count + layer.unitAxis : layer.unitAxis
    return axes[axis]
  }

  /// Which rows of a layer's output are looked at in one batch.
  func rows(of layer: LinearLayer, batch: Int, total: Int) -> SampledRows {
    var generator = SeededGenerator(
      seed: seed &+ UInt64(layer.node) &* 1_000_003 &+ UInt64(batch))
    let inputs = probe.batches[batch].values.first?.shape.first ?? 1
    return SampledRows(total: total, inputCount: inputs, seed: generator.next())
  }

  /// The sampled rows of a layer's output in all batches.
  ///
  /// - Returns: Shape `[units, N]`.
  func signature(of layer: LinearLayer, outputs: [Tensor]) throws -> Tensor {
    try signature(
      rows: outputs.enumerated().map { try sampledRows(of: layer, output: $1, batch: $0) })
  }

  /// - Parameter rows: As ``sampledRows(of:output:batch:)`` returns them, a batch each.
  /// - Returns: Shape `[units, N]`.
  func signature(rows: [Tensor]) throws -> Tensor {
    try Tensor.concatenated(rows).transposed().contiguous()
  }

  /// The sampled rows of a layer's output in one batch.
  ///
  /// - Returns: Shape `[rows, units]`.
  func sampledRows(of layer: LinearLayer, output: Tensor, batch: Int) throws -> Tensor {
    let all = try layer.outputRows(output)
    return try all.selecting(rows(of: layer, batch: batch, total: all.shape[0]).rows, axis: 0)
  }

  /// The sampled rows of a layer's inputs in all batches, for the same rows of its output.
  ///
  /// - Parameter inputs: The value the layer reads, a batch each.
  /// - Returns: Shape `[groups, N, inputs]`.
  func inputRows(of layer: LinearLayer, inputs: [Tensor]) throws -> Tensor {
    let parts = try inputs.enumerated().map { batch, input in
      let total = layer.rowCount(input: input)
      return try layer.inputRows(input, rows(of: layer, batch: batch, total: total))
    }
    return try Tensor.concatenated(parts, axis: 1)
  }
}
