public import Models
public import Tensors
internal import Training

extension ModelGraph {
  /// One graph that answers with the mean of several models' class probabilities.
  ///
  ///     logits = log(mean over models of softmax(logits of the model)),   at least log 2^-126
  ///
  /// What made this graph's output of its logits follows, so that the output means what this one's
  /// does. It holds all models, and takes their time together.
  ///
  /// - Parameter parameters: Of each model, under this graph's names; at least one.
  /// - Returns: A graph with this one's inputs and its first output.
  /// - Throws: `ModelError.missingValue` for a graph without logits.
  public func ensemble(_ parameters: [[String: Tensor]]) throws -> ModelGraph {
    precondition(!parameters.isEmpty, "an ensemble needs at least one model")
    guard let logits = logitsName, let output = outputs.first else {
      throw ModelError.missingValue(name: "logits", node: "the graph's outputs")
    }
    let needed = nodesMaking(logits)
    let own = Set(parameterNames).union(needed.flatMap(\.outputs))
    var result = self
    result.nodes = []
    result.outputs = [output]
    result.initializers = initializers.filter { entry in
      !own.contains(entry.key) && needed.contains { $0.inputs.contains(entry.key) }
    }
    let taken = Set(nodes.flatMap { $0.inputs + $0.outputs }).union(initializers.keys)
    func free(_ name: String) -> String {
      var name = name
      while taken.contains(name) { name += "_" }
      return name
    }
    var probabilities: [String] = []
    for (index, model) in parameters.enumerated() {
      func renamed(_ name: String) -> String {
        own.contains(name) ? free("party\(index + 1)/\(name)") : name
      }
      for name in parameterNames where needed.contains(where: { $0.inputs.contains(name) }) {
        result.initializers[renamed(name)] = model[name] ?? initializers[name]
      }
      for node in needed {
        var copy = node
        copy.name = node.name.isEmpty ? "" : "party\(index + 1)/\(node.name)"
        copy.inputs = node.inputs.map(renamed)
        copy.outputs = node.outputs.map(renamed)
        result.nodes.append(copy)
      }
      let name = free("party\(index + 1)/probabilities")
      result.nodes.append(
        Node(
          operation: "Softmax", inputs: [renamed(logits)], outputs: [name],
          attributes: ["axis": .int(1)]))
      probabilities.append(name)
    }
    let (sum, count) = (free("ensemble/sum"), free("ensemble/count"))
    let (mean, least, positive) = (
      free("ensemble/mean"), free("ensemble/least"), free("ensemble/positive")
    )
    result.initializers[least] = try Tensor.full(
      [], Double(Float.leastNormalMagnitude), type: output.type)
    result.initializers[count] = try Tensor.full(
      [], Double(parameters.count), type: output.type)
    result.nodes += [
      Node(operation: "Sum", inputs: probabilities, outputs: [sum]),
      Node(operation: "Div", inputs: [sum, count], outputs: [mean]),
      Node(operation: "Max", inputs: [mean, least], outputs: [positive]),
      Node(operation: "Log", inputs: [positive], outputs: [logits]),
    ]
    let made = Set(needed.flatMap(\.outputs))
    result.nodes += nodesMaking(output.name).filter { !made.isSuperset(of: $0.outputs) }
    return result
  }

  /// The nodes that a value depends on, in order.
  private func nodesMaking(_ value: String) -> [Node] {
    var wanted: Set = [value]
    return nodes.reversed().filter { node in
      guard node.outputs.contains(where: wanted.contains) else { return false }
      wanted.formUnion(node.inputs)
      return true
    }.reversed()
  }
}
