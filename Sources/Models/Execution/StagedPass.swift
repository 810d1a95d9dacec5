public import Tensors

/// A forward pass over all batches at once, node by node, that can change a layer's parameters just
/// before the layer is evaluated.
///
/// This is how a filter works its way through a network: every layer sees inputs that come through
/// the layers already filtered, and the whole costs one forward pass.
public struct StagedPass: Sendable {
  private let pass: ForwardPass
  private let inputs: InputBatches

  public init(_ pass: ForwardPass, inputs: InputBatches) {
    self.pass = pass
    self.inputs = inputs
  }

  /// - Parameters:
  ///   - parameters: Where to start from.
  ///   - prepare: Called before each node with its index and the values it reads that depend on the
  ///     inputs, a list of one tensor a batch each; returns parameters to replace.
  ///   - observe: Called with every value after it is made, one tensor a batch.
  /// - Returns: The parameters as they are at the end.
  public func run(
    parameters: [String: Tensor],
    prepare: (Int, [String: [Tensor]]) throws -> [String: Tensor],
    observe: (String, [Tensor]) throws -> Void = { _, _ in }
  ) throws -> [String: Tensor] {
    let graph = pass.graph
    var parameters = parameters
    var values: [String: [Tensor]] = [:]
    for port in graph.inputs {
      values[port.name] = inputs.batches.compactMap { $0[port.name] }
    }
    try withoutGradients {
      for (index, node) in graph.nodes.enumerated() {
        let read = values.filter { node.inputs.contains($0.key) }
        parameters.merge(try prepare(index, read)) { _, new in new }
        let outputs = try inputs.batches.indices.map { batch in
          let operands = try node.inputs.map { name -> Tensor? in
            if name.isEmpty { return nil }
            if let value = values[name]?[batch] ?? parameters[name] ?? graph.initializers[name] {
              return value
            }
            throw ModelError.missingValue(name: name, node: node.label)
          }
          return try OperatorTable.evaluate(
            OperatorCall(
              node: node, inputs: operands, operatorSet: graph.operatorSet, mode: .inference))
        }
        for name in pass.lastReads[index] { values[name] = nil }
        for (position, name) in node.outputs.enumerated() where !name.isEmpty {
          let made = outputs.compactMap { $0.indices.contains(position) ? $0[position] : nil }
          values[name] = made
          try observe(name, made)
        }
      }
    }
    return parameters
  }
}
