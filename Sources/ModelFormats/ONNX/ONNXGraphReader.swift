internal import Foundation
internal import Models
internal import Tensors

/// Turns ONNX's message into a ``ModelGraph``, refusing by name what has no place in one.
struct ONNXGraphReader {
  let path: String
  var tensors: ONNXTensorReader
  /// How many branches deep the reader is.
  var depth = 0
  /// Where initializers are that lie apart from the model.
  var outside: OutsideWeights?

  init(path: String) {
    self.path = path
    tensors = ONNXTensorReader(path: path)
  }

  /// Reads `model`, and takes the initializers' bytes out of it as they become tensors, so that the
  /// weights are never held twice.
  ///
  /// - Parameters:
  ///   - weights: By place, where in `file` the raw bytes of initializers are that `model` lacks.
  ///   - file: The model's file.
  mutating func read(
    _ model: inout Onnx_ModelProto, weights: [Int: Range<Int>] = [:], in file: MappedFile? = nil
  ) throws -> ModelGraph {
    guard model.hasGraph else { throw malformed("it holds no graph; is it an ONNX model?") }
    let version = try operatorSet(model)
    model.storeConstantsAsInitializers()
    var initializers: [String: Tensor] = [:]
    var missing: [String] = []
    guard model.graph.sparseInitializer.isEmpty else {
      throw unsupported("sparse initializers", "export the model with dense weights")
    }
    for index in model.graph.initializer.indices {
      let name = model.graph.initializer[index].name
      guard !name.isEmpty else { throw malformed("initializer \(index) has no name") }
      let raw = weights[index].flatMap { range in file.map { FileBytes(file: $0, range: range) } }
      let proto = model.graph.initializer[index]
      let given = try outside?.tensor(
        name, shape: proto.dims.map { Int($0) }, typeCode: proto.dataType)
      if outside != nil, given == nil, raw == nil, !proto.hasElements {
        missing.append(name)
        continue
      }
      let tensor = try given ?? tensors.tensor(proto, name: name, raw: raw)
      guard initializers.updateValue(tensor, forKey: name) == nil else {
        throw malformed("initializer '\(name)' is there twice")
      }
      model.graph.initializer[index].removeElements()
    }
    try outside?.check(missing: missing)
    try tensors.checkPlaces()
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
    try graph.checkOrder(path: path)
    return try graph.findingConstants()
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

  mutating func node(_ proto: Onnx_NodeProto) throws -> ModelGraph.Node {
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
      name: proto.name, operation: proto.opType, inputs: proto.input + captured(attributes),
      outputs: proto.output, attributes: attributes)
  }

  func malformed(_ problem: String) -> ModelFormatError {
    .malformed(path: path, problem: problem)
  }

  func unsupported(_ feature: String, _ advice: String) -> ModelFormatError {
    .unsupported(path: path, feature: feature, advice: advice)
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
