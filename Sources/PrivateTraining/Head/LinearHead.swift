public import Models
public import Tensors

/// A linear classifier on a trunk's features.
///
///     logits = features weightᵀ + bias
public struct LinearHead: Sendable {
  // Names that no exporter gives: a head is known by them.
  public static let weightName = "privfusion.head.weight"
  public static let biasName = "privfusion.head.bias"

  /// Shape `[classes, dimension]`, `float32`.
  public let weight: Tensor
  /// Shape `[classes]`, `float32`.
  public let bias: Tensor

  /// - Parameters:
  ///   - weight: Shape `[classes, dimension]`, `float32`.
  ///   - bias: Shape `[classes]`, `float32`.
  public init(weight: Tensor, bias: Tensor) {
    precondition(weight.rank == 2 && bias.shape == [weight.shape[0]])
    self.weight = weight
    self.bias = bias
  }

  /// The logits of features of shape `[samples, dimension]`.
  public func logits(_ features: Tensor) throws -> Tensor {
    try features.matmul(weight.transposed()).adding(bias)
  }
}

extension ModelGraph {
  /// A trunk with a head on it: one classifier from the trunk's inputs to `logits`.
  ///
  /// - Throws: ``PrivateTrainingError/trunkOutput(found:)`` when the graph has no or several
  ///   outputs, ``PrivateTrainingError/nameTaken(_:)`` when it has a head already.
  public func adding(_ head: LinearHead) throws -> ModelGraph {
    guard outputs.count == 1 else {
      throw PrivateTrainingError.trunkOutput(found: outputs.map(\.name))
    }
    var copy = self
    let values = Set(nodes.flatMap(\.outputs)).union(initializers.keys)
    for name in ["logits", LinearHead.weightName, LinearHead.biasName] where values.contains(name) {
      throw PrivateTrainingError.nameTaken(name)
    }
    copy.nodes.append(
      Node(
        name: "logits", operation: "Gemm",
        inputs: [outputs[0].name, LinearHead.weightName, LinearHead.biasName],
        outputs: ["logits"], attributes: ["transB": .int(1)]))
    copy.initializers[LinearHead.weightName] = head.weight
    copy.initializers[LinearHead.biasName] = head.bias
    copy.outputs = [.init(name: "logits", type: .float32, shape: [nil, head.weight.shape[0]])]
    return copy
  }

  /// The trunk of a classifier made by ``adding(_:)``: all but the head.
  public var withoutHead: ModelGraph {
    guard linearHead != nil, let head = nodes.last else { return self }
    var copy = self
    copy.nodes.removeLast()
    copy.initializers[LinearHead.weightName] = nil
    copy.initializers[LinearHead.biasName] = nil
    copy.outputs = [.init(name: head.inputs[0], type: .float32, shape: [nil, nil])]
    return copy
  }

  /// The head of a classifier made by ``adding(_:)``; `nil` for other graphs.
  public var linearHead: LinearHead? {
    guard let node = nodes.last, node.operation == "Gemm", node.inputs.count == 3,
      node.inputs.dropFirst() == [LinearHead.weightName, LinearHead.biasName],
      node.outputs == outputs.map(\.name), node.attributes.count == 1,
      case .int(1)? = node.attributes["transB"],
      let weight = initializers[LinearHead.weightName],
      let bias = initializers[LinearHead.biasName]
    else { return nil }
    return LinearHead(weight: weight, bias: bias)
  }
}
