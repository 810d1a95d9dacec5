internal import Tensors

extension ElementType {
  /// The type that ONNX numbers `code` in `TensorProto.DataType`, where the engine has it.
  init?(onnx code: Int32) {
    guard let type = Onnx_TensorProto.DataType(rawValue: Int(code)) else { return nil }
    switch type {
    case .float: self = .float32
    case .uint8: self = .uint8
    case .int8: self = .int8
    case .int16: self = .int16
    case .int32: self = .int32
    case .int64: self = .int64
    case .bool: self = .bool
    case .float16: self = .float16
    case .double: self = .float64
    case .bfloat16: self = .bfloat16
    default: return nil
    }
  }

  /// ONNX's number for this type.
  var onnx: Int32 {
    let type: Onnx_TensorProto.DataType =
      switch self {
      case .float32: .float
      case .uint8: .uint8
      case .int8: .int8
      case .int16: .int16
      case .int32: .int32
      case .int64: .int64
      case .bool: .bool
      case .float16: .float16
      case .float64: .double
      case .bfloat16: .bfloat16
      }
    return Int32(type.rawValue)
  }

  /// ONNX's own name of the type numbered `code`, for messages.
  static func onnxName(_ code: Int32) -> String {
    Onnx_TensorProto.DataType(rawValue: Int(code)).map { "\($0)" } ?? "number \(code)"
  }
}
