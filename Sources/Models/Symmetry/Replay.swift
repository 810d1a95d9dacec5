internal import Tensors

/// A run whose values are kept, so that a run with one parameter changed starts at the first node
/// that reads it.
struct Replay {
  private let pass: ForwardPass
  private let parameters: [String: Tensor]
  private let values: [String: Tensor]

  init(_ pass: ForwardPass, inputs: [String: Tensor], parameters: [String: Tensor]) throws {
    var values: [String: Tensor] = [:]
    try withoutGradients {
      try pass.visit(inputs, parameters: parameters) { name, tensor in
        values[name] = tensor
        return true
      }
    }
    self.pass = pass
    self.parameters = parameters
    self.values = values
  }

  /// The graph's outputs with one parameter replaced.
  func outputs(replacing name: String, with tensor: Tensor) throws -> [Tensor] {
    var changed: [String: Tensor] = [name: tensor]
    try withoutGradients {
      for node in pass.graph.nodes where node.inputs.contains(where: { changed[$0] != nil }) {
        let operands = node.inputs.map { name in
          name.isEmpty
            ? nil
            : changed[name] ?? values[name] ?? parameters[name] ?? pass.graph.initializers[name]
        }
        let call = OperatorCall(
          node: node, inputs: operands, operatorSet: pass.graph.operatorSet, mode: .inference)
        for (output, value) in zip(node.outputs, try OperatorTable.evaluate(call)) {
          changed[output] = value
        }
      }
    }
    return try pass.graph.outputs.compactMap {
      try (changed[$0.name] ?? values[$0.name])?.cast(to: .float64)
    }
  }
}
