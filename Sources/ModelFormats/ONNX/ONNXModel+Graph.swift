internal import Foundation
public import Models
internal import Tensors

extension ONNXModel {
  /// A model to be written, made from a graph.
  ///
  /// - Parameters:
  ///   - graph: The model, of an operator set among ``operatorSets``.
  ///   - producer: The program that makes it, as the file will say.
  /// - Throws: ``ModelFormatError/unsupported(path:feature:advice:)`` for an operator set outside
  ///   ``operatorSets``.
  public init(graph: ModelGraph, producer: String) throws {
    guard Self.operatorSets.contains(graph.operatorSet) else {
      throw ModelFormatError.unsupported(
        path: "model", feature: "operator set \(graph.operatorSet)",
        advice: "build the graph with one of \(Self.operatorSets)")
    }
    var model = Onnx_ModelProto()
    model.irVersion = Self.formatVersion(operatorSet: graph.operatorSet)
    model.producerName = producer
    var imported = Onnx_OperatorSetIdProto()
    imported.domain = ""
    imported.version = Int64(graph.operatorSet)
    model.opsetImport = [imported]
    model.graph.name = graph.name.isEmpty ? "main" : graph.name
    model.graph.node = try graph.nodes.map(Onnx_NodeProto.init)
    model.graph.input = graph.inputs.map(Onnx_ValueInfoProto.init)
    model.graph.output = graph.outputs.map(Onnx_ValueInfoProto.init)
    model.graph.initializer = graph.initializers.sorted { $0.key < $1.key }.map { name, tensor in
      Onnx_TensorProto(name: name, like: tensor)
    }
    self.init(graph: graph, skeleton: model, path: "model")
  }

  /// The file format that came with an operator set (ONNX, docs/Versioning.md).
  private static func formatVersion(operatorSet: Int) -> Int64 {
    switch operatorSet {
    case ...11: 6
    case 12...14: 7
    case 15...18: 8
    case 19...20: 9
    default: 10
    }
  }
}

extension Onnx_TensorProto {
  /// The name, shape and type of `tensor`, without its elements.
  init(name: String, like tensor: Tensor) {
    self.init()
    self.name = name
    dims = tensor.shape.map(Int64.init)
    dataType = tensor.elementType.onnx
  }

  /// `tensor` as a whole.
  init(_ tensor: Tensor) throws {
    self.init(name: "", like: tensor)
    clearName()
    rawData = Data(try tensor.storedBytes())
  }
}

extension Onnx_NodeProto {
  init(_ node: ModelGraph.Node) throws {
    self.init()
    if !node.name.isEmpty { name = node.name }
    opType = node.operation
    input = node.inputs
    output = node.outputs
    attribute = try node.attributes.sorted { $0.key < $1.key }.map {
      try Onnx_AttributeProto(name: $0.key, $0.value)
    }
  }
}

extension Onnx_AttributeProto {
  init(name: String, _ value: ModelGraph.Attribute) throws {
    self.init()
    self.name = name
    switch value {
    case .int(let value):
      type = .int
      i = Int64(value)
    case .float(let value):
      type = .float
      f = Float(value)
    case .string(let value):
      type = .string
      s = Data(value.utf8)
    case .ints(let values):
      type = .ints
      ints = values.map(Int64.init)
    case .floats(let values):
      type = .floats
      floats = values.map { Float($0) }
    case .strings(let values):
      type = .strings
      strings = values.map { Data($0.utf8) }
    case .tensor(let value):
      type = .tensor
      t = try Onnx_TensorProto(value)
    case .branch:
      throw ModelFormatError.unsupported(
        path: "model", feature: "a branch in attribute '\(name)'",
        advice: "write a model without control flow (If)")
    }
  }
}

extension Onnx_ValueInfoProto {
  init(_ port: ModelGraph.Port) {
    self.init()
    name = port.name
    var tensor = Onnx_TypeProto.Tensor()
    tensor.elemType = port.type.onnx
    var shape = Onnx_TensorShapeProto()
    shape.dim = port.shape.enumerated().map { axis, size in
      var dimension = Onnx_TensorShapeProto.Dimension()
      if let size {
        dimension.dimValue = Int64(size)
      } else if axis == 0 {
        dimension.dimParam = "batch"
      }
      return dimension
    }
    tensor.shape = shape
    type.tensorType = tensor
  }
}
