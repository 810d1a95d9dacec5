/// The parts that one word of noise is cut into, none of them with a bit of another's:
///
///     31 bits:  the coin of Duchi or the rounding of Piecewise
///     21 bits:  the first digits of Duchi's flip
///     12 bits:  the first digits of the hybrid's public coin
struct NoiseWord {
  static let flipBits: UInt64 = 21
  static let choiceBits: UInt64 = 12

  private let bits: UInt64

  init(_ bits: UInt64) { self.bits = bits }

  /// Uniform in 0 ..< 2^31.
  var rounding: UInt64 { bits >> 33 }
  /// Uniform in 0 ..< 2^21.
  var flip: UInt64 { (bits >> Self.choiceBits) & ((1 << Self.flipBits) - 1) }
  /// Uniform in 0 ..< 2^12.
  var choice: UInt64 { bits & ((1 << Self.choiceBits) - 1) }
}
