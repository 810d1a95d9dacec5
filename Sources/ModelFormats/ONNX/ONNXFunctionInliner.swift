/// Replaces calls of a model's local functions by the nodes of their bodies.
///
/// PyTorch's exporter writes local functions when it is told not to optimise.
struct ONNXFunctionInliner {
  private let path: String
  private let functions: [FunctionName: Onnx_FunctionProto]

  private struct FunctionName: Hashable {
    let domain: String
    let name: String
    let overload: String
  }

  /// The most nodes that a model may have once its functions are inlined: calls that double at
  /// every level would otherwise fill memory from a file of a few kilobytes.
  private static let nodeLimit = 1_000_000

  init(path: String, functions: [Onnx_FunctionProto]) {
    self.path = path
    self.functions = Dictionary(
      functions.map {
        (FunctionName(domain: $0.domain, name: $0.name, overload: $0.overload), $0)
      }, uniquingKeysWith: { first, _ in first })
  }

  /// `nodes` with every call of a local function replaced.
  func inlined(_ nodes: [Onnx_NodeProto]) throws -> [Onnx_NodeProto] {
    guard !functions.isEmpty else { return nodes }
    var result: [Onnx_NodeProto] = []
    var calls = 0
    for node in nodes { try append(node, depth: 0, calls: &calls, to: &result) }
    return result
  }

  private func append(
    _ node: Onnx_NodeProto, depth: Int, calls: inout Int, to result: inout [Onnx_NodeProto]
  ) throws {
    let name = FunctionName(domain: node.domain, name: node.opType, overload: node.overload)
    guard result.count < Self.nodeLimit, calls < Self.nodeLimit else {
      throw ModelFormatError.tooLarge(
        path: path, what: "the number of nodes with functions inlined", limit: Self.nodeLimit)
    }
    guard let function = functions[name] else { return result.append(node) }
    guard depth < 32 else {
      throw ModelFormatError.unsupported(
        path: path, feature: "functions that call one another more than 32 deep",
        advice: "export the model with optimize=True, which inlines them")
    }
    calls += 1
    var values = Dictionary(
      zip(function.input, node.input + Array(repeating: "", count: function.input.count)),
      uniquingKeysWith: { first, _ in first })
    for (inner, outer) in zip(function.output, node.output) where !outer.isEmpty {
      values[inner] = outer
    }
    var arguments = Dictionary(
      function.attributeProto.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for attribute in node.attribute { arguments[attribute.name] = attribute }

    let prefix = "\(node.name.isEmpty ? node.opType : node.name)/\(calls)/"
    func renamed(_ value: String) -> String {
      if value.isEmpty { return value }
      return values[value] ?? prefix + value
    }
    for inner in function.node {
      var copy = inner
      copy.name = prefix + inner.name
      copy.input = inner.input.map(renamed)
      copy.output = inner.output.map(renamed)
      copy.attribute = inner.attribute.compactMap { attribute in
        guard !attribute.refAttrName.isEmpty else { return attribute }
        // A reference to an argument that the call leaves out is absent too.
        guard var argument = arguments[attribute.refAttrName] else { return nil }
        argument.name = attribute.name
        return argument
      }
      try append(copy, depth: depth + 1, calls: &calls, to: &result)
    }
  }
}
