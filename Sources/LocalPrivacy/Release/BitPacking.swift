/// Numbers of `width` bits each, one after another, the least significant bit first.
enum BitPacking {
  static func byteCount(of count: Int, width: Int) -> Int { (count * width + 7) / 8 }

  /// - Parameter width: From 1 to 32; every number is below 2^width.
  static func pack(_ numbers: some Sequence<UInt32>, count: Int, width: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount(of: count, width: width))
    var pending: UInt64 = 0
    var pendingBits = 0
    for number in numbers {
      pending |= UInt64(number) << UInt64(pendingBits)
      pendingBits += width
      while pendingBits >= 8 {
        bytes.append(UInt8(truncatingIfNeeded: pending))
        pending >>= 8
        pendingBits -= 8
      }
    }
    if pendingBits > 0 { bytes.append(UInt8(truncatingIfNeeded: pending)) }
    return bytes
  }

  /// - Parameter bytes: At least `byteCount(of: count, width: width)` of them.
  static func unpack(_ bytes: [UInt8], count: Int, width: Int) -> [UInt32] {
    let mask = (UInt64(1) << UInt64(width)) - 1
    var pending: UInt64 = 0
    var pendingBits = 0
    var position = 0
    return (0..<count).map { _ in
      while pendingBits < width {
        pending |= UInt64(bytes[position]) << UInt64(pendingBits)
        pendingBits += 8
        position += 1
      }
      defer {
        pending >>= UInt64(width)
        pendingBits -= width
      }
      return UInt32(truncatingIfNeeded: pending & mask)
    }
  }
}
