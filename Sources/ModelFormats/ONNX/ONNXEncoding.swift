internal import Foundation
internal import SwiftProtobuf
internal import Tensors

/// The bytes of an ONNX file, made a tensor at a time.
///
/// A protobuf message may have its fields in any order. The graph comes last here and the
/// initializers last in it, so weights stream to the file without a second copy in memory, and no
/// truncated file is a valid one.
struct ONNXEncoding {
  /// Where the elements of initializers go.
  enum Elements: Equatable {
    case inline
    /// To a file of this name in the model's folder.
    case file(String)
  }

  /// The size of the model's file.
  let byteCount: Int
  private let head: [UInt8]
  private let initializers: [(message: [UInt8], tensor: Tensor)]
  private let elements: Elements
  /// What is written in the place of the tensor with this index, made when it is its turn.
  private let made: ((Int) throws -> Tensor)?

  /// Offsets in a file of elements are multiples of this, so that it can be mapped
  /// (ONNX, docs/ExternalData.md).
  private static let alignment = 4096

  /// - Parameters:
  ///   - model: Without the elements of its initializers.
  ///   - tensors: One for every initializer of `model`, in order.
  ///   - elements: Where their elements go.
  ///   - made: Makes, by index, what is written in a tensor's place, of its shape and type.
  init(
    model: Onnx_ModelProto, tensors: [Tensor], elements: Elements,
    made: ((Int) throws -> Tensor)? = nil
  ) throws {
    self.made = made
    var rest = model
    rest.clearGraph()
    var graph = model.graph
    graph.initializer = []
    self.elements = elements

    var offset = 0
    initializers = try zip(model.graph.initializer, tensors).map { proto, tensor in
      var proto = proto
      let size = tensor.storedByteCount
      if case .file(let name) = elements {
        proto.dataLocation = .external
        proto.externalData = [("location", name), ("offset", "\(offset)"), ("length", "\(size)")]
          .map { key, value in
            var entry = Onnx_StringStringEntryProto()
            entry.key = key
            entry.value = value
            return entry
          }
        offset = Self.aligned(offset + size)
        return (try proto.serializedBytes(), tensor)
      }
      // Field 9, raw_data; its bytes follow.
      return (try proto.serializedBytes() + Self.prefix(field: 9, byteCount: size), tensor)
    }
    let graphBytes: [UInt8] = try graph.serializedBytes()
    let initializersByteCount = initializers.reduce(0) { total, item in
      let size = item.message.count + (elements == .inline ? item.tensor.storedByteCount : 0)
      return total + Self.prefix(field: 5, byteCount: size).count + size
    }
    let graphByteCount = graphBytes.count + initializersByteCount
    // Field 7 of a model is its graph; field 5 of a graph, an initializer.
    head =
      try rest.serializedBytes() + Self.prefix(field: 7, byteCount: graphByteCount) + graphBytes
    byteCount = head.count + initializersByteCount
  }

  /// Writes the model's file.
  func write(to sink: borrowing ByteSink) throws {
    try forEachPart { try sink.write($0) }
  }

  /// The model's file as a whole.
  func bytes() throws -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    try forEachPart { bytes += $0 }
    return bytes
  }

  private func forEachPart(_ body: ([UInt8]) throws -> Void) throws {
    try body(head)
    for (index, (message, tensor)) in initializers.enumerated() {
      let size = message.count + (elements == .inline ? tensor.storedByteCount : 0)
      try body(Self.prefix(field: 5, byteCount: size) + message)
      if elements == .inline { try body((made?(index) ?? tensor).storedBytes()) }
    }
  }

  /// Writes the file of elements.
  func writeElements(to sink: borrowing ByteSink) throws {
    for (index, (_, tensor)) in initializers.enumerated() {
      let bytes = try (made?(index) ?? tensor).storedBytes()
      try sink.write(bytes)
      try sink.write([UInt8](repeating: 0, count: Self.aligned(bytes.count) - bytes.count))
    }
  }

  private static func aligned(_ offset: Int) -> Int {
    (offset + alignment - 1) / alignment * alignment
  }

  /// The key and length before a length-delimited field (protobuf's encoding, wire type 2).
  static func prefix(field: Int, byteCount: Int) -> [UInt8] {
    var bytes = [UInt8(field << 3 | 2)]
    var rest = byteCount
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}

extension Tensor {
  /// Bytes of all elements.
  var storedByteCount: Int { count * elementType.byteCount }
}
