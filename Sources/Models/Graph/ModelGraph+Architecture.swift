internal import Tensors

extension ModelGraph {
  /// The network without anything that it has learnt: its parameters are 0.
  public func withoutWeights() throws -> ModelGraph {
    try replacing(
      parameters.mapValues { try Tensor.zeros($0.shape).cast(to: $0.elementType) })
  }

  /// What holds real numbers that are no parameters: initializers that stand alone, such as the
  /// bounds of a `Clip`, and tensors within operators, by name in the order in which they are read.
  ///
  /// They belong to the architecture and are the same in all models of it, unless an exporter put
  /// something there that was learnt.
  public var realConstants: [String] {
    let parameters = Set(parameterNames)
    var seen: Set<String> = []
    var result: [String] = []
    for node in nodes {
      for name in node.inputs where !parameters.contains(name) && !seen.contains(name) {
        guard initializers[name]?.elementType.isFloatingPoint == true else { continue }
        seen.insert(name)
        result.append(name)
      }
      let holdsNumbers = node.attributes.values.contains {
        if case .tensor(let tensor) = $0 { tensor.elementType.isFloatingPoint } else { false }
      }
      if holdsNumbers { result.append(node.outputs.first ?? node.name) }
    }
    return result
  }
}
