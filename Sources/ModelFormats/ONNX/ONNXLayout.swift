/// Where the weights of an ONNX file lie, and the file without them.
///
/// Protobuf's own reader copies every field. This one walks along the keys and lengths of the few
/// messages around the weights (protobuf's encoding; `onnx.proto`: graph is field 7 of a model,
/// initializer 5 of a graph, raw_data 9 of a tensor), so that weights can stay where they are.
struct ONNXLayout {
  /// The file's message without the raw bytes of the initializers in ``rawData``.
  private(set) var skeleton: [UInt8] = []
  /// By the place of an initializer in its graph, where in the file its raw bytes are.
  private(set) var rawData: [Int: Range<Int>] = [:]

  /// Fewer bytes are not worth a place of their own.
  private static let leastByteCount = 1024

  /// - Returns: `nil` when the message is not laid out as writers do it: protobuf's own reader then
  ///   says what it is, or what is wrong.
  init?(_ file: UnsafeRawBufferPointer) {
    var graph: [UInt8]?
    var initializerCount = 0
    var fields = ProtobufFields(file, in: 0..<file.count)
    while let field = fields.next() {
      guard field.number == 7 else {
        skeleton += file[field.whole]
        continue
      }
      guard graph == nil, field.isLengthDelimited else { return nil }
      var bytes: [UInt8] = []
      var inner = ProtobufFields(file, in: field.payload)
      while let field = inner.next() {
        guard field.number == 5 else {
          bytes += file[field.whole]
          continue
        }
        guard field.isLengthDelimited,
          let tensor = strip(file, field.payload, place: initializerCount)
        else { return nil }
        bytes += ONNXEncoding.prefix(field: 5, byteCount: tensor.count) + tensor
        initializerCount += 1
      }
      guard inner.isWhole else { return nil }
      graph = bytes
    }
    guard fields.isWhole, let graph else { return nil }
    skeleton += ONNXEncoding.prefix(field: 7, byteCount: graph.count) + graph
  }

  /// A tensor's message without its raw bytes, which are noted.
  private mutating func strip(
    _ file: UnsafeRawBufferPointer, _ range: Range<Int>, place: Int
  ) -> [UInt8]? {
    var rest: [UInt8] = []
    var fields = ProtobufFields(file, in: range)
    while let field = fields.next() {
      if field.number == 9, field.isLengthDelimited, field.payload.count >= Self.leastByteCount {
        guard rawData.updateValue(field.payload, forKey: place) == nil else { return nil }
      } else if field.number == 9, rawData[place] != nil {
        return nil
      } else {
        rest += file[field.whole]
      }
    }
    return fields.isWhole ? rest : nil
  }
}

/// The fields of one protobuf message, in the order of the file.
private struct ProtobufFields {
  struct Field {
    let number: UInt64
    let isLengthDelimited: Bool
    /// With its key.
    let whole: Range<Int>
    let payload: Range<Int>
  }

  private let bytes: UnsafeRawBufferPointer
  private let end: Int
  private var position: Int
  private var isBroken = false

  init(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// Whether the fields went exactly to the end.
  var isWhole: Bool { !isBroken && position == end }

  mutating func next() -> Field? {
    guard !isBroken, position < end else { return nil }
    let start = position
    guard let key = number(), let length = payloadLength(wireType: key & 7),
      length <= end - position
    else {
      isBroken = true
      return nil
    }
    let payload = position..<(position + length)
    position += length
    return Field(
      number: key >> 3, isLengthDelimited: key & 7 == 2, whole: start..<position, payload: payload)
  }

  /// The number of bytes after the key, and after the length where there is one.
  private mutating func payloadLength(wireType: UInt64) -> Int? {
    switch wireType {
    case 0:
      let start = position
      guard number() != nil else { return nil }
      defer { position = start }
      return position - start
    case 1: return 8
    case 2: return number().flatMap { Int(exactly: $0) }
    case 5: return 4
    default: return nil
    }
  }

  /// A number of at most ten bytes of seven bits each.
  private mutating func number() -> UInt64? {
    var result: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else { return nil }
      let byte = UInt64(bytes[position])
      position += 1
      result |= (byte & 0x7f) << shift
      if byte & 0x80 == 0 { return result }
    }
    return nil
  }
}
