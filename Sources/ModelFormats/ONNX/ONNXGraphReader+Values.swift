internal import Foundation
internal import Models
internal import Tensors

/// Attributes, inputs and outputs.
extension ONNXGraphReader {
  mutating func attribute(
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
    case .graph where ["then_branch", "else_branch"].contains(proto.name):
      return .branch(try branch(proto.g))
    case .graph, .graphs:
      throw unsupported(
        "a subgraph in attribute '\(proto.name)' of \(label)",
        "export the model in evaluation mode without loops (Loop, Scan)")
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

  func port(_ proto: Onnx_ValueInfoProto, kind: String) throws -> ModelGraph.Port {
    guard !proto.name.isEmpty else { throw malformed("a graph \(kind) has no name") }
    guard case .tensorType(let tensor) = proto.type.value else {
      throw unsupported(
        "\(kind) '\(proto.name)', which is not a dense tensor", "export a model of tensors only")
    }
    guard tensor.hasShape || kind != "input" else {
      throw unsupported(
        "input '\(proto.name)' of unknown rank", "export the model with the input's shape")
    }
    guard let type = ElementType(onnx: tensor.elemType) else {
      throw unsupported(
        "elements of type \(ElementType.onnxName(tensor.elemType)) in \(kind) '\(proto.name)'",
        "export a model whose inputs and outputs are numbers")
    }
    var symbols: [Int: String] = [:]
    let shape: [Int?] = try tensor.shape.dim.enumerated().map { index, axis in
      if case .dimParam(let symbol) = axis.value, !symbol.isEmpty, symbol != "?" {
        symbols[index] = symbol
      }
      // Old exporters write a free size as -1.
      guard case .dimValue(let size) = axis.value, size != -1 else { return nil }
      guard size >= 0, size <= Int64(Int32.max) else {
        throw malformed("an axis of \(kind) '\(proto.name)' has the impossible size \(size)")
      }
      return Int(size)
    }
    return ModelGraph.Port(name: proto.name, type: type, shape: shape, symbols: symbols)
  }
}
