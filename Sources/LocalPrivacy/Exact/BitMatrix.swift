/// 32 rows of two times 32 bits, turned about.
enum BitMatrix {
  /// Transposes the low and the high halves of 32 words, each by itself:
  ///
  ///     new[r] bit c = old[c] bit r,   new[r] bit (32 + c) = old[c] bit (32 + r)
  ///
  /// Warren 2012, "Hacker's Delight", section 7-3, on both halves at once.
  /// - Parameter rows: Of shape `[32]`.
  @inline(__always)
  static func transposeHalves(_ rows: UnsafeMutableBufferPointer<UInt64>) {
    var width: UInt64 = 16
    var mask: UInt64 = 0x0000_FFFF_0000_FFFF
    while width != 0 {
      let distance = Int(truncatingIfNeeded: width)
      var row = 0
      while row < 32 {
        for upper in row..<(row &+ distance) {
          let lower = upper &+ distance
          let swapped = ((rows[upper] >> width) ^ rows[lower]) & mask
          rows[lower] ^= swapped
          rows[upper] ^= swapped << width
        }
        row &+= 2 &* distance
      }
      width >>= 1
      mask ^= mask << width
    }
  }
}
