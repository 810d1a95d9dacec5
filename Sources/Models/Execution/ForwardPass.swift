public import Tensors

/// Evaluates a graph: its outputs, and any value in between.
///
/// The pass is a pure function of its inputs and parameters, which makes it differentiable: when a
/// parameter is one that gradients are taken of, so is every value that depends on it.
public struct ForwardPass: Sendable {
  public let graph: ModelGraph
  /// For every node, the values that no later node reads.
  let lastReads: [[String]]

  /// - Throws: ``ModelError/quantised(operation:node:)``,
  ///   ``ModelError/unknownOperator(operation:node:)`` and
  ///   ``ModelError/missingValue(name:node:)``, before anything is computed.
  public init(_ graph: ModelGraph) throws {
    if let node = graph.nodes.first(where: { QuantisedOperators.contain($0.operation) }) {
      throw ModelError.quantised(operation: node.operation, node: node.label)
    }
    var known = Set(graph.initializers.keys).union(graph.inputs.map(\.name))
    var last: [String: Int] = [:]
    for (index, node) in graph.nodes.enumerated() {
      guard node.operation != "If" else {
        throw ModelError.unsupported(
          operation: node.operation, node: node.label,
          reason:
            "chooses a part of the model as it runs: export the model in evaluation mode with "
            + "fixed sizes, so that nothing is left to choose")
      }
      guard OperatorTable.evaluators[node.operation] != nil else {
        throw ModelError.unknownOperator(operation: node.operation, node: node.label)
      }
      for name in node.inputs where !name.isEmpty {
        guard known.contains(name) else {
          throw ModelError.missingValue(name: name, node: node.label)
        }
        last[name] = index
      }
      known.formUnion(node.outputs)
    }
    for output in graph.outputs where !known.contains(output.name) {
      throw ModelError.missingValue(name: output.name, node: "the graph's outputs")
    }
    self.graph = graph
    var reads = [[String]](repeating: [], count: graph.nodes.count)
    for (name, index) in last { reads[index].append(name) }
    lastReads = reads
  }

  /// Evaluates the graph.
  ///
  /// - Parameters:
  ///   - inputs: A tensor for every graph input, by name.
  ///   - parameters: Tensors that replace initializers of the same name; each is asked for whenever a
  ///     node reads it.
  ///   - captured: Names of the values to return; the graph's outputs when `nil`.
  ///   - mode: How batch normalisation behaves.
  /// - Returns: The captured values by name.
  public func values(
    _ inputs: [String: Tensor], parameters: any ParameterSource = [String: Tensor](),
    capturing captured: Set<String>? = nil, mode: ExecutionMode = .inference
  ) throws -> [String: Tensor] {
    let wanted = captured ?? Set(graph.outputs.map(\.name))
    var result: [String: Tensor] = [:]
    for name in wanted {
      if let tensor = graph.initializers[name] {
        result[name] = try parameters.parameter(name) ?? tensor
      }
    }
    try visit(inputs, parameters: parameters, mode: mode) { name, tensor in
      if wanted.contains(name) { result[name] = tensor }
      return result.count < wanted.count
    }
    return result
  }

  /// Evaluates the graph and shows every value as it is made: inputs, then the nodes' outputs in
  /// order.
  ///
  /// - Parameter body: Returns whether to go on.
  package func visit(
    _ inputs: [String: Tensor], parameters: any ParameterSource = [String: Tensor](),
    mode: ExecutionMode = .inference, _ body: (String, Tensor) throws -> Bool
  ) throws {
    var values: [String: Tensor] = [:]
    for port in graph.inputs {
      guard let tensor = inputs[port.name] else { throw ModelError.missingInput(name: port.name) }
      values[port.name] = tensor
      guard try body(port.name, tensor) else { return }
    }
    for (index, node) in graph.nodes.enumerated() {
      let operands = try node.inputs.map { name -> Tensor? in
        if name.isEmpty { return nil }
        if let value = try values[name] ?? parameters.parameter(name) ?? graph.initializers[name] {
          return value
        }
        throw ModelError.missingValue(name: name, node: node.label)
      }
      let call = OperatorCall(
        node: node, inputs: operands, operatorSet: graph.operatorSet, mode: mode)
      let outputs = try OperatorTable.evaluate(call)
      for name in lastReads[index] { values[name] = nil }
      for (name, tensor) in zip(node.outputs, outputs) where !name.isEmpty {
        values[name] = tensor
        guard try body(name, tensor) else { return }
      }
    }
  }
}
