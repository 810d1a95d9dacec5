public import Tensors

extension ModelGraph {
  /// Whether the network chooses between parts of itself as it runs (`If`).
  public var hasBranches: Bool { nodes.contains { $0.operation == "If" } }

  /// The network that runs on inputs of one kind: every `If` is replaced by the branch that these
  /// inputs take.
  ///
  /// Exporters write branches for what they can't know: the rank of a value, a size of 1, a sample
  /// rate. On inputs that decide them alike, this network and the first give the same outputs.
  ///
  /// - Parameter inputs: A tensor for every graph input.
  /// - Throws: ``ModelError/unsupported(operation:node:reason:)`` for a condition that is not one
  ///   truth value, a branch without the outputs of its node, or more than a million nodes;
  ///   ``ModelError/unknownOperator(operation:node:)``, ``ModelError/missingInput(name:)``.
  public func takingBranches(of inputs: [String: Tensor]) throws -> ModelGraph {
    guard hasBranches else { return self }
    var graph = self
    graph.nodes = []
    var values = try self.inputs.reduce(into: [String: Tensor]()) { values, port in
      guard let tensor = inputs[port.name] else { throw ModelError.missingInput(name: port.name) }
      values[port.name] = tensor
    }
    try withoutGradients {
      // In reverse, so that the next node is the last.
      var open = Array(nodes.reversed())
      while let node = open.popLast() {
        guard graph.nodes.count + open.count <= Self.nodeLimit else {
          throw node.refusal("takes the network beyond \(Self.nodeLimit) nodes")
        }
        let operands = try node.inputs.map { name -> Tensor? in
          if name.isEmpty { return nil }
          guard let value = values[name] ?? graph.initializers[name] else {
            throw ModelError.missingValue(name: name, node: node.label)
          }
          return value
        }
        if node.operation == "If" {
          open += try graph.taken(node, operands.first ?? nil, known: Set(values.keys)).reversed()
          continue
        }
        let call = OperatorCall(
          node: node, inputs: operands, operatorSet: operatorSet, mode: .inference)
        for (name, value) in zip(node.outputs, try OperatorTable.evaluate(call)) {
          values[name] = value
        }
        graph.nodes.append(node)
      }
    }
    return try graph.findingConstants()
  }

  /// Branches within branches may double at every level of a small file.
  private static let nodeLimit = 1_000_000

  /// The nodes of the branch that a condition takes; what the branch holds becomes the graph's.
  private mutating func taken(
    _ node: Node, _ condition: Tensor?, known: Set<String>
  ) throws -> [Node] {
    guard let condition, condition.count == 1 else {
      throw node.refusal("needs a condition of one element")
    }
    let name = try condition.cast(to: .float64).scalar() != 0 ? "then_branch" : "else_branch"
    guard case .branch(let branch)? = node.attributes[name],
      branch.outputs.count >= node.outputs.count
    else { throw node.refusal("has no \(name) that gives its outputs") }
    // Two branches may use one name for different values.
    let made = Set(branch.nodes.flatMap(\.outputs)).union(branch.initializers.keys)
    let taken = Set(made.filter { !$0.isEmpty && (known.contains($0) || initializers[$0] != nil) })
    func renamed(_ value: String) -> String {
      taken.contains(value) ? "\(node.label)/\(value)" : value
    }
    for (name, tensor) in branch.initializers { initializers[renamed(name)] = tensor }
    var nodes = branch.nodes.map { inner in
      var copy = inner
      copy.inputs = inner.inputs.map(renamed)
      copy.outputs = inner.outputs.map(renamed)
      copy.attributes = inner.attributes.mapValues { $0.renamingCaptures(renamed) }
      return copy
    }
    for (inner, outer) in zip(branch.outputs, node.outputs) where !outer.isEmpty {
      nodes.append(Node(operation: "Identity", inputs: [renamed(inner)], outputs: [outer]))
    }
    return nodes
  }
}

extension ModelGraph.Node {
  fileprivate func refusal(_ reason: String) -> ModelError {
    .unsupported(operation: operation, node: label, reason: reason)
  }
}

extension ModelGraph.Attribute {
  /// A branch that reads values of the part around it by their new names.
  fileprivate func renamingCaptures(_ renamed: (String) -> String) -> ModelGraph.Attribute {
    guard case .branch(var branch) = self else { return self }
    var own = Set(branch.initializers.keys)
    branch.nodes = branch.nodes.map { node in
      var copy = node
      copy.inputs = node.inputs.map { own.contains($0) ? $0 : renamed($0) }
      copy.attributes = node.attributes.mapValues { attribute in
        attribute.renamingCaptures { own.contains($0) ? $0 : renamed($0) }
      }
      own.formUnion(node.outputs)
      return copy
    }
    branch.outputs = branch.outputs.map { own.contains($0) ? $0 : renamed($0) }
    return .branch(branch)
  }
}
