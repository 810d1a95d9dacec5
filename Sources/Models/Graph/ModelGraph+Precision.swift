public import Tensors

extension ModelGraph {
  /// Whether the graph computes on, or holds, real numbers of half precision.
  public var usesHalfPrecision: Bool {
    inputs.contains { $0.type.isHalf } || initializers.values.contains { $0.elementType.isHalf }
      || nodes.contains { node in
        node.attributes.values.contains {
          if case .tensor(let tensor) = $0 { tensor.elementType.isHalf } else { false }
        } || (node.operation == "Cast" && node.attributes["to"].map(Self.isHalfCode) ?? false)
      }
  }

  /// The same network computed in single precision: `float16` and `bfloat16` are widened, without loss, in
  /// weights, constants, inputs and outputs. Everything else stays.
  ///
  /// - Complexity: The widened weights take memory; those that are not of half precision are shared.
  public func inSinglePrecision() throws -> ModelGraph {
    guard usesHalfPrecision else { return self }
    return try inSinglePrecision(
      weights: initializers.mapValues {
        $0.elementType.isHalf ? try $0.cast(to: .float32) : $0
      })
  }

  /// The same network in single or double precision with zeros in the place of its parameters, which take
  /// no memory: for what depends on shapes alone.
  ///
  /// - Parameter type: `float32` or `float64`.
  func outline(in type: ElementType) throws -> ModelGraph {
    let parameters = Set(parameterNames)
    let zero = try Tensor.zeros([1], type: type)
    let weights = try initializers.reduce(into: [String: Tensor]()) { result, entry in
      let (name, tensor) = entry
      if parameters.contains(name) {
        result[name] = try zero.reshaped(tensor.shape.map { _ in 1 }).expanded(to: tensor.shape)
      } else {
        result[name] = tensor.elementType.isFloatingPoint ? try tensor.cast(to: type) : tensor
      }
    }
    return try replaced(weights, in: type) { $0.isFloatingPoint }
  }

  private func inSinglePrecision(weights: [String: Tensor]) throws -> ModelGraph {
    try replaced(weights, in: .float32) { $0.isHalf }
  }

  private func replaced(
    _ weights: [String: Tensor], in type: ElementType, where isReplaced: (ElementType) -> Bool
  ) throws -> ModelGraph {
    var copy = try withNodes(in: type, replacing: isReplaced)
    copy.initializers = weights
    for index in copy.inputs.indices where isReplaced(copy.inputs[index].type) {
      copy.inputs[index].type = type
    }
    for index in copy.outputs.indices where isReplaced(copy.outputs[index].type) {
      copy.outputs[index].type = type
    }
    return copy
  }

  private static func isHalfCode(_ attribute: Attribute) -> Bool {
    if case .int(let code) = attribute {
      ElementType(onnxCode: code)?.isHalf ?? false
    } else {
      false
    }
  }
}

extension ElementType {
  /// Whether this is a real type of 16 bits.
  public var isHalf: Bool { self == .float16 || self == .bfloat16 }
}
