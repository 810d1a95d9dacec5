internal import Models
internal import Tensors

/// Parts of a model that are run on a condition.
extension ONNXGraphReader {
  /// The deepest that branches are read inside one another.
  private static let depthLimit = 32

  /// A branch of `If`, with the branches in it.
  mutating func branch(_ proto: Onnx_GraphProto) throws -> ModelGraph.Branch {
    guard depth < Self.depthLimit else {
      throw unsupported(
        "branches (If) that are more than \(Self.depthLimit) deep", "export a simpler model")
    }
    depth += 1
    defer { depth -= 1 }
    var proto = proto
    proto.storeConstantsAsInitializers()
    var initializers: [String: Tensor] = [:]
    for tensor in proto.initializer {
      guard
        try initializers.updateValue(tensors.tensor(tensor, name: tensor.name), forKey: tensor.name)
          == nil
      else { throw malformed("initializer '\(tensor.name)' is there twice in a branch") }
    }
    return ModelGraph.Branch(
      nodes: try proto.node.map { try node($0) }, initializers: initializers,
      outputs: proto.output.map(\.name))
  }

  /// The values around a node that its branches read, in order and once each.
  func captured(_ attributes: [String: ModelGraph.Attribute]) -> [String] {
    var result: [String] = []
    for (_, attribute) in attributes.sorted(by: { $0.key < $1.key }) {
      guard case .branch(let branch) = attribute else { continue }
      var known = Set(branch.initializers.keys)
      for node in branch.nodes {
        for name in node.inputs where !name.isEmpty && !known.contains(name) {
          if !result.contains(name) { result.append(name) }
        }
        known.formUnion(node.outputs)
      }
      for name in branch.outputs where !known.contains(name) && !result.contains(name) {
        result.append(name)
      }
    }
    return result
  }
}

extension Onnx_ModelProto {
  /// Turns `Constant` nodes that hold weights into initializers, which mean the same.
  ///
  /// Some exporters (Paddle's among them) store every weight so.
  mutating func storeConstantsAsInitializers() {
    let count = graph.initializer.count
    graph.storeConstantsAsInitializers()
    // Before version 4 of the format an initializer had to be an input, too.
    if graph.initializer.count > count { irVersion = max(irVersion, 4) }
  }
}

extension Onnx_GraphProto {
  /// Operators whose inputs behind the first are settings, whatever their type.
  private static let setOperations: Set = ["Resize", "Upsample", "Clip", "Pad", "Range"]

  mutating func storeConstantsAsInitializers() {
    var settings: Set<String> = []
    for node in self.node where Self.setOperations.contains(node.opType) {
      settings.formUnion(node.input.dropFirst())
    }
    var moved: [Onnx_TensorProto] = []
    node.removeAll { node in
      guard node.opType == "Constant", node.domain.isDefaultDomain, node.attribute.count == 1,
        node.output.count == 1, !settings.contains(node.output[0]),
        node.attribute[0].name == "value", node.attribute[0].type == .tensor,
        node.attribute[0].refAttrName.isEmpty,
        ElementType(onnx: node.attribute[0].t.dataType)?.isFloatingPoint == true,
        node.attribute[0].t.dims.contains(where: { $0 > 1 })
      else { return false }
      var tensor = node.attribute[0].t
      tensor.name = node.output[0]
      moved.append(tensor)
      return true
    }
    initializer += moved
  }
}
