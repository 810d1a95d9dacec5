/// The way to one field of nested protobuf messages (protobuf's encoding).
struct ProtobufPath {
  private struct Field {
    /// With its key.
    let whole: Range<Int>
    /// Of a length-delimited field.
    let payload: Range<Int>?
  }

  /// Messages around the field, from the outside.
  private let around: [Field]
  /// The chosen field, with its key.
  let field: Range<Int>

  /// Chooses a field by going down at random.
  ///
  /// - Parameter choose: A number below its argument, which is at least 1.
  /// - Returns: `nil` where the bytes are no message.
  init?(in bytes: [UInt8], choose: (Int) -> Int) {
    var around: [Field] = []
    guard var fields = Self.fields(of: bytes, in: 0..<bytes.count) else { return nil }
    while true {
      let chosen = fields[choose(fields.count)]
      // Eight levels are deeper than any message of a model.
      guard around.count < 8, choose(4) > 0, let payload = chosen.payload,
        let inner = Self.fields(of: bytes, in: payload)
      else {
        (self.around, field) = (around, chosen.whole)
        return
      }
      around.append(chosen)
      fields = inner
    }
  }

  /// The file with the field replaced and the lengths of all messages around it made right.
  func replaced(by new: [UInt8], in bytes: [UInt8]) -> [UInt8] {
    var result = Array(bytes)
    result.replaceSubrange(field, with: new)
    var growth = new.count - field.count
    for message in around.reversed() {
      guard let payload = message.payload else { continue }
      let length = Self.number(UInt64(payload.count + growth))
      // The key is what the length does not take.
      var start = message.whole.lowerBound
      while result[start] & 0x80 != 0 { start += 1 }
      let old = start + 1..<payload.lowerBound
      result.replaceSubrange(old, with: length)
      growth += length.count - old.count
    }
    return result
  }

  /// A number of seven bits a byte.
  static func number(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  /// - Returns: `nil` where a range is no message, or an empty one.
  private static func fields(of bytes: [UInt8], in range: Range<Int>) -> [Field]? {
    var fields: [Field] = []
    var position = range.lowerBound
    func number() -> UInt64? {
      var result: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 70, by: 7) {
        guard position < range.upperBound else { return nil }
        let byte = UInt64(bytes[position])
        position += 1
        result |= (byte & 0x7f) << shift
        if byte & 0x80 == 0 { return result }
      }
      return nil
    }
    while position < range.upperBound {
      let start = position
      guard let key = number(), key >> 3 > 0 else { return nil }
      var payload: Range<Int>?
      switch key & 7 {
      case 0: guard number() != nil else { return nil }
      case 1: position += 8
      case 2:
        guard let length = number(), length <= UInt64(range.upperBound - position) else {
          return nil
        }
        payload = position..<position + Int(length)
        position += Int(length)
      case 5: position += 4
      default: return nil
      }
      guard position <= range.upperBound else { return nil }
      fields.append(Field(whole: start..<position, payload: payload))
    }
    return fields.isEmpty ? nil : fields
  }
}
