internal import Foundation
internal import Models
internal import Tensors

/// Turns ONNX's message into a ``ModelGraph``, refusing by name what has no place in one.
struct ONNXGraphReader {
  private let path: String
  private var tensors: ONNXTensorReader

  init(path: String) {
    self.path = path
    tensors = ONNXTensorReader(path: path)
  }

  /// Reads `model`, and takes the initializers' bytes out of it as they become tensors, so that the
  /// weights are never held twice.
  mutating func read(_ model: inout Onnx_ModelProto) throws -> ModelGraph {
    guard model.hasGraph else { throw malformed("it holds no graph; is it an ONNX model?") }
    let version = try operatorSet(model)
    var initializers: [String: Tensor] = [:]
    guard model.graph.sparseInitializer.isEmpty else {
      throw unsupported("sparse initializers", "export the model with dense weights")
    }
    for index in model.graph.initializer.indices {
      let name = model.graph.initializer[index].name
      guard !name.isEmpty else { throw malformed("initializer \(index) has no name") }
      let tensor = try tensors.tensor(model.graph.initializer[index], name: name)
      guard initializers.updateValue(tensor, forKey: name) == nil else {
        throw malformed("initializer '\(name)' is there twice")
      }
      model.graph.initializer[index].removeElements()
    }
    let nodes = try ONNXFunctionInliner(path: path, functions: model.functions)
      .inlined(model.graph.node)
    let graph = ModelGraph(
      name: model.graph.name,
      operatorSet: version,
      nodes: try nodes.map { try node($0) },
      initializers: initializers,
      // Before IR version 4 every initializer was also listed as an input.
      inputs: try model.graph.input.filter { initializers[$0.name] == nil }
        .map { try port($0, kind: "input") },
      outputs: try model.graph.output.map { try port($0, kind: "output") })
    try checkOrder(graph)
    return graph
  }

  private func operatorSet(_ model: Onnx_ModelProto) throws -> Int {
    let versions = model.opsetImport.filter { $0.domain.isDefaultDomain }.map(\.version)
    guard let version = versions.first else {
      throw malformed("it imports no version of ONNX's operators; is it an ONNX model?")
    }
    guard ONNXModel.operatorSets.contains(Int(version)), versions.allSatisfy({ $0 == version })
    else {
      let limits = ONNXModel.operatorSets
      throw unsupported(
        "operator set \(version)",
        "export the model with opset_version from \(limits.lowerBound) to \(limits.upperBound)")
    }
    return Int(version)
  }

  private mutating func node(_ proto: Onnx_NodeProto) throws -> ModelGraph.Node {
    let label = proto.label
    guard proto.domain.isDefaultDomain else {
      throw unsupported(
        "operator \(proto.opType) of domain '\(proto.domain)' (\(label))",
        "export the model with ONNX's own operators only")
    }
    guard !proto.opType.isEmpty else { throw malformed("\(label) has no operator") }
    var attributes: [String: ModelGraph.Attribute] = [:]
    for attribute in proto.attribute {
      let value = try self.attribute(attribute, of: label)
      guard attributes.updateValue(value, forKey: attribute.name) == nil else {
        throw malformed("\(label) has attribute '\(attribute.name)' twice")
      }
    }
    return ModelGraph.Node(
      name: proto.name, operation: proto.opType, inputs: proto.input, outputs: proto.output,
      attributes: attributes)
  }

  private mutating func attribute(
    _ proto: Onnx_AttributeProto, of label: String
  ) throws -> ModelGraph.Attribute {
    switch proto.type {
    case .int: return .int(Int(proto.i))
    case .float: return .float(Double(proto.f))
    case .string: return .string(try text(proto.s, proto.name, label))
    case .ints: return .ints(proto.ints.map { Int($0) })
    case .floats: return .floats(proto.floats.map { Double($0) })
    case .strings: return .strings(try proto.strings.map { try text($0, proto.name, label) })
    case .tensor:
      return .tensor(try tensors.tensor(proto.t, name: "\(proto.name) of \(label)"))
    case .graph, .graphs:
      throw unsupported(
        "a subgraph in attribute '\(proto.name)' of \(label)",
        "export the model in evaluation mode without control flow (If, Loop, Scan)")
    case .sparseTensor, .sparseTensors, .typeProto, .typeProtos, .tensors:
      throw unsupported(
        "attribute '\(proto.name)' of type \(proto.type) in \(label)",
        "export the model with dense tensors")
    case .undefined:
      throw malformed("attribute '\(proto.name)' of \(label) has no type")
    }
  }

  private func text(_ bytes: Data, _ name: String, _ label: String) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw malformed("attribute '\(name)' of \(label) is not UTF-8")
    }
    return text
  }

  private func port(_ proto: Onnx_ValueInfoProto, kind: String) throws -> ModelGraph.Port {
    guard !proto.name.isEmpty else { throw malformed("a graph \(kind) has no name") }
    guard case .tensorType(let tensor) = proto.type.value else {
      throw unsupported(
        "\(kind) '\(proto.name)', which is not a dense tensor", "export a model of tensors only")
    }
    guard let type = ElementType(onnx: tensor.elemType) else {
      throw unsupported(
        "elements of type \(ElementType.onnxName(tensor.elemType)) in \(kind) '\(proto.name)'",
        "export a model whose inputs and outputs are numbers")
    }
    let shape: [Int?] = try tensor.shape.dim.map { axis in
      guard case .dimValue(let size) = axis.value else { return nil }
      guard size >= 0, size <= Int64(Int32.max) else {
        throw malformed("an axis of \(kind) '\(proto.name)' has the impossible size \(size)")
      }
      return Int(size)
    }
    return ModelGraph.Port(name: proto.name, type: type, shape: shape)
  }

  private func malformed(_ problem: String) -> ModelFormatError {
    .malformed(path: path, problem: problem)
  }

  private func unsupported(_ feature: String, _ advice: String) -> ModelFormatError {
    .unsupported(path: path, feature: feature, advice: advice)
  }

  /// Nodes are in topological order and no value is made twice.
  private func checkOrder(_ graph: ModelGraph) throws {
    var known = Set(graph.initializers.keys)
    for input in graph.inputs {
      guard known.insert(input.name).inserted else {
        throw malformed("input '\(input.name)' is there twice")
      }
    }
    for node in graph.nodes {
      for input in node.inputs where !input.isEmpty && !known.contains(input) {
        throw malformed(
          "\(node.operation) node '\(node.name)' reads '\(input)', which nothing before it makes")
      }
      for output in node.outputs where !output.isEmpty {
        guard known.insert(output).inserted else { throw malformed("'\(output)' is made twice") }
      }
    }
    for output in graph.outputs where !known.contains(output.name) {
      throw malformed("nothing makes the output '\(output.name)'")
    }
    guard !graph.outputs.isEmpty else { throw malformed("its graph has no output") }
  }
}

extension String {
  /// Whether this names ONNX's own operators, which have two spellings.
  var isDefaultDomain: Bool { isEmpty || self == "ai.onnx" }
}

extension Onnx_NodeProto {
  /// How messages call this node.
  var label: String {
    name.isEmpty ? "\(opType) node making '\(output.first ?? "")'" : "\(opType) node '\(name)'"
  }
}

extension Onnx_TensorProto {
  /// Leaves the name, shape, type and documentation only.
  mutating func removeElements() {
    clearRawData()
    floatData = []
    doubleData = []
    int32Data = []
    int64Data = []
    uint64Data = []
    stringData = []
    externalData = []
    clearDataLocation()
  }
}
