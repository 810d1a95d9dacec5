internal import Foundation
internal import Tensors

/// Turns the tensors of one ONNX file into the engine's.
///
/// Sizes are checked against what the file holds before memory is taken.
struct ONNXTensorReader {
  /// The model's file, for messages.
  let path: String
  private var externalFiles: ExternalTensorFiles
  private let readsOtherFiles: Bool

  /// - Parameter readsOtherFiles: Whether bytes may lie in files beside the model's.
  init(path: String, readsOtherFiles: Bool = true) {
    self.path = path
    self.readsOtherFiles = readsOtherFiles
    externalFiles = ExternalTensorFiles(modelPath: path)
  }

  /// - Throws: As ``ExternalTensorFiles/checkOverlaps()``.
  func checkPlaces() throws { try externalFiles.checkOverlaps() }

  /// - Throws: ``ModelFormatError/tensorSize(path:tensor:shape:expected:found:)`` when the bytes are
  ///   not the shape's; ``ModelFormatError/unsupported(path:feature:advice:)`` for an element type
  ///   that the engine lacks; ``ModelFormatError/malformed(path:problem:)`` for impossible sizes.
  ///
  /// - Parameter raw: Where the raw bytes are, if `proto` lacks them.
  mutating func tensor(
    _ proto: Onnx_TensorProto, name: String, raw: FileBytes? = nil
  ) throws -> Tensor {
    guard !proto.hasSegment else {
      throw ModelFormatError.unsupported(
        path: path, feature: "the segmented tensor '\(name)'", advice: "export the model again")
    }
    guard let type = ElementType(onnx: proto.dataType) else {
      throw ModelFormatError.unsupported(
        path: path,
        feature: "elements of type \(ElementType.onnxName(proto.dataType)) in tensor '\(name)'",
        advice: "export the model with float32 weights and int64 constants")
    }
    let shape = proto.dims.map { Int($0) }
    guard let extent = TensorExtent(shape: shape, type: type) else {
      throw ModelFormatError.malformed(
        path: path, problem: "tensor '\(name)' declares the impossible shape \(shape)")
    }
    if proto.dataLocation == .external {
      guard readsOtherFiles else {
        throw ModelFormatError.unsupported(
          path: path, feature: "tensor '\(name)' with data elsewhere",
          advice: "have it sent again")
      }
      return try external(proto, name: name, type: type, extent: extent)
    }
    if let raw {
      try check(extent, name: name, expected: extent.byteCount, found: raw.range.count)
      return try tensor(raw, type, extent)
    }
    if proto.hasRawData {
      try check(extent, name: name, expected: extent.byteCount, found: proto.rawData.count)
      return try proto.rawData.withUnsafeBytes { try tensor($0, type, extent) }
    }
    return try typed(proto, name: name, type: type, extent: extent)
  }

  private mutating func external(
    _ proto: Onnx_TensorProto, name: String, type: ElementType, extent: TensorExtent
  ) throws -> Tensor {
    let bytes = try externalFiles.bytes(
      of: proto.externalData, name: name, byteCount: extent.byteCount)
    return try tensor(bytes, type, extent)
  }

  /// A tensor of bytes that stay in their file.
  private func tensor(
    _ place: FileBytes, _ type: ElementType, _ extent: TensorExtent
  ) throws -> Tensor {
    let bytes = UnsafeRawBufferPointer(rebasing: place.file.bytes[place.range])
    // Truth values are looked at, and of nothing there is nothing to share.
    guard type != .bool, !bytes.isEmpty else { return try tensor(bytes, type, extent) }
    return try Tensor(sharing: bytes, of: place.file, type: type, shape: extent.shape)
  }

  private func tensor(
    _ bytes: UnsafeRawBufferPointer, _ type: ElementType, _ extent: TensorExtent
  ) throws -> Tensor {
    guard type == .bool else { return try Tensor(bytes: bytes, type: type, shape: extent.shape) }
    // The engine knows the truth values 0 and 1 only; the file may hold any byte.
    return try Tensor(bytes: bytes, type: .uint8, shape: extent.shape).cast(to: .bool)
  }

  /// Elements in the field that ONNX assigns to their type (onnx.proto, `TensorProto`).
  private func typed(
    _ proto: Onnx_TensorProto, name: String, type: ElementType, extent: TensorExtent
  ) throws -> Tensor {
    switch type {
    case .float32: return try typed(proto.floatData, name, type, extent)
    case .float64: return try typed(proto.doubleData, name, type, extent)
    case .int64: return try typed(proto.int64Data, name, type, extent)
    case .int32: return try typed(proto.int32Data, name, type, extent)
    case .int16: return try typed(narrowed(proto, name, to: Int16.self), name, type, extent)
    case .int8: return try typed(narrowed(proto, name, to: Int8.self), name, type, extent)
    case .uint8, .bool:
      return try typed(narrowed(proto, name, to: UInt8.self), name, type, extent)
    case .float16, .bfloat16:
      // The 16 bits of the number, in the low half.
      return try typed(narrowed(proto, name, to: UInt16.self), name, type, extent)
    }
  }

  private func typed<Element: BitwiseCopyable>(
    _ elements: [Element], _ name: String, _ type: ElementType, _ extent: TensorExtent
  ) throws -> Tensor {
    try check(extent, name: name, expected: extent.elementCount, found: elements.count)
    return try elements.withUnsafeBytes { try tensor($0, type, extent) }
  }

  private func narrowed<Element: FixedWidthInteger>(
    _ proto: Onnx_TensorProto, _ name: String, to _: Element.Type
  ) throws -> [Element] {
    try proto.int32Data.map {
      guard let element = Element(exactly: $0) else {
        throw ModelFormatError.malformed(
          path: path, problem: "an element of tensor '\(name)' is out of its type's range")
      }
      return element
    }
  }

  private func check(_ extent: TensorExtent, name: String, expected: Int, found: Int) throws {
    guard expected == found else {
      throw ModelFormatError.tensorSize(
        path: path, tensor: name, shape: extent.shape, expected: expected, found: found)
    }
  }
}
