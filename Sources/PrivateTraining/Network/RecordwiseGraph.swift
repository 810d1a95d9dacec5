package import Models
internal import Tensors

/// A graph in which every record's output depends on that record alone, and every parameter is a
/// linear layer's own.
///
/// Records are counted by the first axis of every value that depends on them. What an operator
/// does to that axis is decided by a list of those known to leave it alone
/// (``RecordwiseOperator``); the axis' size is checked again whenever a value is made.
package struct RecordwiseGraph {
  let pass: ForwardPass
  let layers: [LinearLayer]
  let logitsName: String
  /// Values that have a first axis of records, with those that they are made of element by element.
  private let recordValues: [String: [String]]

  var graph: ModelGraph { pass.graph }

  /// The layers' weights and biases, in the layers' order.
  package var parameterNames: [String] {
    layers.flatMap { [$0.weight] + ($0.bias.map { [$0] } ?? []) }
  }

  /// - Throws: ``PrivateTrainingError/mixesRecords(operation:node:)``,
  ///   ``PrivateTrainingError/recordsNotKeptApart(operation:node:)``,
  ///   ``PrivateTrainingError/unsupportedParameter(name:operation:node:readers:)``,
  ///   ``PrivateTrainingError/parameterType(name:found:)``,
  ///   ``PrivateTrainingError/fixedBatchSize(_:)`` or ``PrivateTrainingError/noParameters``; and
  ///   `ModelError` when the graph can't be evaluated.
  package init(_ graph: ModelGraph, logitsName: String) throws {
    pass = try ForwardPass(graph)
    self.logitsName = logitsName
    for node in graph.nodes where node.operation == "BatchNormalization" {
      throw PrivateTrainingError.mixesRecords(operation: node.operation, node: node.title)
    }
    for port in graph.inputs {
      if case .some(.some(let size)) = port.shape.first {
        throw PrivateTrainingError.fixedBatchSize(size)
      }
    }
    layers = graph.linearLayers
    try Self.checkParameters(of: graph, layers: layers)
    recordValues = try Self.recordValues(of: graph, layers: layers)
    guard !layers.isEmpty else { throw PrivateTrainingError.noParameters }
  }

  private static func checkParameters(of graph: ModelGraph, layers: [LinearLayer]) throws {
    let owned = Set(layers.flatMap { [$0.weight] + ($0.bias.map { [$0] } ?? []) })
    for name in graph.parameterNames where !owned.contains(name) {
      let readers = graph.nodes.filter { $0.inputs.contains(name) }
      throw PrivateTrainingError.unsupportedParameter(
        name: name, operation: readers.first?.operation ?? "",
        node: readers.first?.title ?? "", readers: readers.count)
    }
    for (name, tensor) in graph.parameters.sorted(by: { $0.key < $1.key })
    where tensor.elementType != .float32 {
      throw PrivateTrainingError.parameterType(name: name, found: "\(tensor.elementType)")
    }
  }

  private static func recordValues(of graph: ModelGraph, layers: [LinearLayer]) throws
    -> [String: [String]]
  {
    var records: [String: [String]] = [:]
    for port in graph.inputs { records[port.name] = [] }
    // Computed from the number of records and other sizes.
    var sizes: Set<String> = []
    var constants = graph.initializers
    let layerNodes = Set(layers.map(\.node))
    for (index, node) in graph.nodes.enumerated() {
      let operands = node.inputs.filter { !$0.isEmpty }
      guard operands.contains(where: { records[$0] != nil }) else {
        if operands.contains(where: { sizes.contains($0) }) { sizes.formUnion(node.outputs) }
        if case .tensor(let value)? = node.attributes["value"], node.operation == "Constant" {
          constants[node.outputs[0]] = value
        }
        continue
      }
      if node.operation == "Shape" || node.operation == "Size" {
        sizes.formUnion(node.outputs)
        continue
      }
      let use = RecordwiseOperator(
        node: node, operatorSet: graph.operatorSet, records: Set(records.keys), sizes: sizes,
        constants: constants)
      guard layerNodes.contains(index) ? use.readsRecordsFirst : use.keepsRecordsApart else {
        throw PrivateTrainingError.recordsNotKeptApart(
          operation: node.operation, node: node.title)
      }
      let aligned = use.isElementwise ? operands.filter { records[$0] != nil } : []
      for name in node.outputs where !name.isEmpty { records[name] = aligned }
    }
    for layer in layers where records[layer.input] == nil {
      let node = graph.nodes[layer.node]
      throw PrivateTrainingError.recordsNotKeptApart(operation: node.operation, node: node.title)
    }
    return records
  }

  /// Evaluates the graph for some records.
  ///
  /// - Parameters:
  ///   - inputs: The graph's inputs, each with a first axis of `count` records.
  ///   - parameters: By name.
  ///   - observe: Called with the shape of every value that has a first axis of records.
  /// - Returns: The layers' inputs and outputs, and the logits, by name.
  /// - Throws: ``PrivateTrainingError/recordsNotKeptApart(operation:node:)`` when a value's first
  ///   axis does not count the records.
  func values(
    _ inputs: [String: Tensor], count: Int, parameters: [String: Tensor],
    observe: ([Int]) -> Void = { _ in }
  ) throws -> [String: Tensor] {
    let wanted = Set(layers.flatMap { [$0.input, $0.output] } + [logitsName])
    var result: [String: Tensor] = [:]
    var ranks: [String: Int] = [:]
    try pass.visit(inputs, parameters: parameters) { name, tensor in
      if let aligned = recordValues[name] {
        let shape = tensor.shape
        // Operands of other ranks would be aligned at their last axes, records with something else.
        guard shape.count > 1, shape[0] == count,
          aligned.allSatisfy({ ranks[$0] == shape.count })
        else { throw notKeptApart(name) }
        ranks[name] = shape.count
        observe(shape)
      }
      if wanted.contains(name) { result[name] = tensor }
      return result.count < wanted.count
    }
    return result
  }

  private func notKeptApart(_ value: String) -> PrivateTrainingError {
    let node = graph.nodes.first { $0.outputs.contains(value) }
    return .recordsNotKeptApart(
      operation: node?.operation ?? "Input", node: node?.title ?? value)
  }
}

extension ModelGraph.Node {
  /// What to call the node in words: its name, or its first output's.
  var title: String { name.isEmpty ? outputs.first ?? operation : name }
}
