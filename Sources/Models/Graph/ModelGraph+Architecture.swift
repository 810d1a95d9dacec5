internal import Tensors

extension ModelGraph {
  /// The network without anything that it has learnt: its parameters are 0, and what its outputs do
  /// not need is left out.
  public func withoutWeights() throws -> ModelGraph {
    let needed = withoutUnused()
    return try needed.replacing(
      needed.parameters.mapValues { try Tensor.zeros($0.shape).cast(to: $0.elementType) })
  }

  /// The operators and initializers that the outputs depend on; an exporter may leave others behind.
  public func withoutUnused() -> ModelGraph {
    var wanted = Set(outputs.map(\.name))
    var kept: [Node] = []
    for node in nodes.reversed() where node.outputs.contains(where: wanted.contains) {
      wanted.formUnion(node.inputs)
      kept.append(node)
    }
    var graph = self
    graph.nodes = kept.reversed()
    graph.initializers = initializers.filter { wanted.contains($0.key) }
    return graph
  }

  /// What an architecture states as it is and could have been learnt, by name in the order in which
  /// it is read: real numbers that are no parameters, such as the bounds of a `Clip`; long lists of
  /// whole numbers; texts that no operator of ONNX needs.
  ///
  /// They belong to the architecture and are the same in all models of it, unless an exporter put
  /// something there that was learnt.
  public var statedConstants: [String] {
    let parameters = Set(parameterNames)
    var seen: Set<String> = []
    var result: [String] = []
    func note(_ name: String) {
      if seen.insert(name).inserted { result.append(name) }
    }
    for node in nodes {
      for name in node.inputs where !parameters.contains(name) {
        if let tensor = initializers[name], tensor.isTelling { note(name) }
      }
      if node.attributes.contains(where: { $0.value.isTelling(as: $0.key, of: node.operation) }) {
        note(node.outputs.first ?? node.name)
      }
    }
    return result
  }
}

extension Tensor {
  /// Shapes, axes and indices of slices take few whole numbers.
  fileprivate static var fewNumbers: Int { 64 }

  fileprivate var isTelling: Bool { elementType.isFloatingPoint || count > Self.fewNumbers }
}

extension ModelGraph.Attribute {
  /// The texts that ONNX's operators are told their mode by (ONNX 1.21, Operators.md).
  private static let modes: Set = [
    "approximate", "auto_pad", "coordinate_transformation_mode", "direction", "equation",
    "keep_aspect_ratio_policy", "mode", "nearest_mode", "padding_mode", "reduction",
  ]

  fileprivate func isTelling(as name: String, of operation: String) -> Bool {
    switch self {
    case .int: false
    case .ints(let numbers): numbers.count > Tensor.fewNumbers
    // Slopes, momenta and epsilons are what an operator is; a constant's number could be anything.
    case .float: operation == "Constant"
    case .floats: true
    case .string: !Self.modes.contains(name)
    case .strings: true
    case .tensor(let tensor): tensor.isTelling
    case .branch: true
    }
  }
}
