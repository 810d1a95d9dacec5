public import Tensors

extension ModelGraph {
  /// Names of the parameters, in the order in which the nodes read them.
  ///
  /// A parameter is an initializer of real numbers that an operator applies to data: the weights of
  /// a layer, an embedding, a scale. Numbers that stand alone and are not in a weight's place (the
  /// bounds of a `Clip`, an exponent) are constants of the architecture, and so are those in
  /// ``constantNames``.
  public var parameterNames: [String] {
    var seen: Set<String> = []
    var result: [String] = []
    for node in nodes {
      for (index, name) in node.inputs.enumerated() where !seen.contains(name) {
        guard let tensor = initializers[name], tensor.elementType.isFloatingPoint else { continue }
        guard !(index > 0 && Self.resizingOperations.contains(node.operation)) else { continue }
        guard tensor.count > 1 || (index > 0 && Self.layerOperations.contains(node.operation))
        else { continue }
        guard !constantNames.contains(name) else { continue }
        seen.insert(name)
        result.append(name)
      }
    }
    return result
  }

  /// Operators all of whose further inputs are weights, whatever their size.
  private static let layerOperations: Set<String> = [
    "Conv", "ConvTranspose", "Gemm", "BatchNormalization", "LayerNormalization",
    "InstanceNormalization", "GroupNormalization", "PRelu", "LSTM", "GRU", "RNN",
  ]

  /// Operators whose further inputs are scales and regions, no weights.
  private static let resizingOperations: Set<String> = ["Resize", "Upsample"]

  /// The number of elements of all parameters.
  public var parameterCount: Int {
    parameterNames.reduce(0) { $0 + (initializers[$1]?.count ?? 0) }
  }

  /// Parameters by name.
  public var parameters: [String: Tensor] {
    let names = Set(parameterNames)
    return initializers.filter { names.contains($0.key) }
  }

  /// The same graph with some initializers replaced.
  public func replacing(_ tensors: [String: Tensor]) -> ModelGraph {
    var copy = self
    copy.initializers.merge(tensors) { _, new in new }
    return copy
  }
}
