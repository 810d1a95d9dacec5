internal import Foundation
public import Models
internal import SwiftProtobuf
internal import Tensors

/// A network's architecture as ONNX: operators, wiring, names and constants, without any parameter.
///
/// Parameters stand there with name, type and shape but no elements, which ONNX Runtime would not
/// read; here they are read as zeros.
public enum ArchitectureEncoding {
  /// What the parameters of an architecture that is read may take together: ONNX's own limit.
  static let byteLimit = Int(Int32.max)

  /// - Throws: ``ModelFormatError/unsupported(path:feature:advice:)`` for an operator set that is not
  ///   written.
  public static func bytes(of graph: ModelGraph) throws -> [UInt8] {
    var model = try ONNXModel(graph: graph, producer: "privfusion").skeleton
    let parameters = Set(graph.parameterNames)
    for index in model.graph.initializer.indices {
      let name = model.graph.initializer[index].name
      guard !parameters.contains(name), let tensor = graph.initializers[name] else { continue }
      model.graph.initializer[index].rawData = Data(try tensor.storedBytes())
    }
    // Names of graphs and operators are for people; a model is the same without them.
    model.graph.name = "main"
    for index in model.graph.node.indices { model.graph.node[index].clearName() }
    return try model.serializedBytes()
  }

  /// Reads an architecture that someone else wrote; no other file is read, whatever it says.
  ///
  /// - Parameters:
  ///   - bytes: An ONNX model whose parameters need no elements.
  ///   - path: Where it came from, for messages.
  /// - Throws: ``ModelFormatError`` naming it, as `ONNXModel` does for a file; also when its parameters
  ///   would take more than 2 GiB.
  public static func graph(from bytes: [UInt8], path: String) throws -> ModelGraph {
    var proto: Onnx_ModelProto
    do {
      proto = try Onnx_ModelProto(serializedBytes: bytes)
    } catch {
      throw ModelFormatError.malformed(
        path: path, problem: "its architecture is no ONNX (\(error))")
    }
    var total = 0
    for index in proto.graph.initializer.indices {
      let tensor = proto.graph.initializer[index]
      guard tensor.rawData.isEmpty, let type = ElementType(onnx: tensor.dataType),
        type.isFloatingPoint,
        let extent = TensorExtent(shape: tensor.dims.map { Int($0) }, type: type)
      else { continue }
      total += extent.byteCount
      guard total <= byteLimit else {
        throw ModelFormatError.tooLarge(path: path, what: "its architecture", limit: byteLimit)
      }
      proto.graph.initializer[index].rawData = Data(count: extent.byteCount)
    }
    var reader = ONNXGraphReader(path: path)
    reader.tensors = ONNXTensorReader(path: path, readsOtherFiles: false)
    return try reader.read(&proto)
  }
}
