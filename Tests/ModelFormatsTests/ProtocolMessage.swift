import Foundation

/// Protobuf bytes written by hand, for messages that no exporter would write.
struct ProtocolMessage {
  private(set) var bytes: [UInt8] = []

  func with(_ field: Int, _ value: Int) -> Self {
    appending(Self.number(UInt64(field << 3)) + Self.number(UInt64(bitPattern: Int64(value))))
  }

  func with(_ field: Int, _ content: [UInt8]) -> Self {
    appending(
      Self.number(UInt64(field << 3 | 2)) + Self.number(UInt64(content.count)) + content)
  }

  func with(_ field: Int, _ text: String) -> Self { with(field, Array(text.utf8)) }
  func with(_ field: Int, _ message: Self) -> Self { with(field, message.bytes) }

  private func appending(_ more: [UInt8]) -> Self {
    var copy = self
    copy.bytes += more
    return copy
  }

  private static func number(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}

/// Field numbers of `Sources/ModelFormats/Generated/onnx.proto`.
extension ProtocolMessage {
  static func model(_ graph: Self, operatorSet: Int = 17) -> Self {
    Self().with(1, 8).with(7, graph).with(8, Self().with(2, operatorSet))
  }

  /// x + w, where `initializer` says what w is and `node` what makes y.
  static func graph(initializer: Self? = nil, node: Self? = nil) -> Self {
    Self().with(1, node ?? addition()).with(2, "g").with(5, initializer ?? weight())
      .with(11, port("x")).with(12, port("y"))
  }

  static func addition() -> Self {
    Self().with(1, "x").with(1, "w").with(2, "y").with(4, "Add")
  }

  static func port(_ name: String, type: Int = 1) -> Self {
    let shape = Self().with(1, Self().with(1, 2))
    return Self().with(1, name).with(2, Self().with(1, Self().with(1, type).with(2, shape)))
  }

  /// Two floats, if nothing else is asked for.
  static func weight(dims: [Int] = [2], type: Int = 1, raw: Int? = 8) -> Self {
    let sizes = dims.reduce(Self()) { $0.with(1, $1) }.with(2, type).with(8, "w")
    return raw.map { sizes.with(9, [UInt8](repeating: 0, count: $0)) } ?? sizes
  }

  static func external(location: String, offset: String? = nil, length: String? = nil) -> Self {
    var tensor = weight(raw: nil).with(14, 1)
    for (key, value) in [("location", location), ("offset", offset), ("length", length)] {
      if let value { tensor = tensor.with(13, Self().with(1, key).with(2, value)) }
    }
    return tensor
  }
}
