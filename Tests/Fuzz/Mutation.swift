internal import Models

/// Changes of a file, drawn from a seed: the same seed and number make the same bytes.
struct Mutation {
  private var generator: SeededGenerator
  private var bytes: [UInt8]

  /// The file that is number `index` of the run that `seed` names.
  ///
  /// - Parameters:
  ///   - seeds: Whole files of one kind; at least one, none empty.
  ///   - areMessages: Whether they are protobuf's, of which most changes should leave a message.
  static func file(
    from seeds: [[UInt8]], areMessages: Bool, seed: UInt64, index: Int
  ) -> [UInt8] {
    var generator = SeededGenerator(seed: seed &+ UInt64(index) &* 0x9e37_79b9_7f4a_7c15)
    let start = seeds[Int.random(in: 0..<seeds.count, using: &generator)]
    let other = seeds[Int.random(in: 0..<seeds.count, using: &generator)]
    var mutation = Mutation(generator: generator, bytes: start)
    for _ in 0..<mutation.pick(1...3) {
      if areMessages, mutation.pick(0...9) > 0 {
        mutation.changeField()
      } else {
        mutation.change(with: other)
      }
    }
    return mutation.bytes
  }

  private mutating func pick(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }

  /// A place in the file; the beginning, where headers are, as often as the rest.
  private mutating func place() -> Int {
    guard bytes.count > 1 else { return 0 }
    return pick(0...(pick(0...1) == 0 ? min(bytes.count, 512) : bytes.count) - 1)
  }

  private mutating func change(with other: [UInt8]) {
    guard !bytes.isEmpty else { return }
    switch pick(0...6) {
    case 0: bytes[place()] ^= 1 << UInt8(pick(0...7))
    case 1: for _ in 0...pick(0...8) { bytes[place()] = UInt8(pick(0...255)) }
    case 2: bytes.removeSubrange(place()...)
    case 3: splice(other)
    case 4: changeNumber()
    case 5: changeField()
    default: changeText()
    }
  }

  /// Puts a piece of another file, or of this one, over or between.
  private mutating func splice(_ other: [UInt8]) {
    let start = pick(0...other.count - 1)
    let piece = other[start..<min(start + pick(1...64), other.count)]
    let at = place()
    if pick(0...1) == 0 {
      bytes.insert(contentsOf: piece, at: at)
    } else {
      bytes.replaceSubrange(at..<min(at + piece.count, bytes.count), with: piece)
    }
  }

  /// Writes a number that is at the edge of something, as sizes and offsets are stored.
  private mutating func changeNumber() {
    let edges: [UInt64] = [
      0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 40,
      1 << 62, 1 << 63, .max, .max - 1,
    ]
    let value = edges[pick(0...edges.count - 1)]
    let width = [1, 2, 4, 8][pick(0...3)]
    let at = place()
    for offset in 0..<width where at + offset < bytes.count {
      bytes[at + offset] = UInt8(truncatingIfNeeded: value >> UInt64(8 * offset))
    }
  }

  /// Changes a run of digits, as JSON and NumPy's headers have them.
  private mutating func changeText() {
    let at = place()
    let isDigit: (UInt8) -> Bool = { (0x30...0x39).contains($0) }
    guard let start = bytes[at...].firstIndex(where: isDigit) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    let texts = [
      "0", "-1", "1", "4294967296", "9223372036854775807", "99999999999999999999", "1e400", "1.5",
      "",
    ]
    bytes.replaceSubrange(start..<end, with: Array(texts[pick(0...texts.count - 1)].utf8))
  }

  /// Takes a protobuf field, at some depth, and doubles it, drops it, moves it, or changes its number
  /// or value, with the lengths around it kept right.
  private mutating func changeField() {
    guard let path = ProtobufPath(in: bytes, choose: { pick(0...$0 - 1) }) else { return }
    var field = Array(bytes[path.field])
    switch pick(0...15) {
    case 0: field += field
    case 1: field = []
    case 2: field = [field[0] & 7 | UInt8(pick(1...15)) << 3] + field.dropFirst()
    case 3:
      let start = pick(0...bytes.count - 1)
      field += bytes[start..<min(start + pick(1...32), bytes.count)]
    default: field = edited(field)
    }
    bytes = path.replaced(by: field, in: bytes)
  }

  /// A field of another value: a number at an edge, or a text with one byte changed.
  private mutating func edited(_ field: [UInt8]) -> [UInt8] {
    guard field.count > 1 else { return field }
    if field[0] & 7 == 0 {
      let edges: [Int64] = [
        0, 1, 2, 3, 7, 64, 255, 65_536, 1 << 31, 1 << 40, .max, .min, -1, -2, .min + 1,
      ]
      let value = edges[pick(0...edges.count - 1)]
      return [field[0]] + ProtobufPath.number(UInt64(bitPattern: value))
    }
    var copy = field
    // Shapes, axes and indices are raw numbers of eight bytes.
    if field[0] & 7 == 2, field.count < 128, (field.count - 2) % 8 == 0, field.count > 2,
      pick(0...1) == 0
    {
      let at = 2 + 8 * pick(0...(field.count - 2) / 8 - 1)
      let edges: [Int64] = [0, 1, 2, -1, 3, 100, 65_536, 1 << 31, 1 << 40, .max, .min]
      let value = UInt64(bitPattern: edges[pick(0...edges.count - 1)])
      for offset in 0..<8 {
        copy[at + offset] = UInt8(truncatingIfNeeded: value >> UInt64(8 * offset))
      }
      return copy
    }
    copy[pick(1...field.count - 1)] = UInt8(pick(0...255))
    return copy
  }
}
