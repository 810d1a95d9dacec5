/// An event of probability n / d, decided exactly, and mostly by a few binary digits.
///
///     n / d = (whole + rest / d) / 2^bits,   0 <= rest < d
///
/// The event is that a uniform real number is below n / d. Its first digits, the prefix, decide
/// unless they equal `whole`, once in 2^bits; then a further event of probability rest / d does.
/// Whether that one is drawn depends on the prefix and on the public n and d only, never on a
/// private value.
package struct RationalTrial: Hashable, Sendable {
  let numerator: UInt64
  let denominator: UInt64
  private let whole: UInt64
  private let rest: UInt64
  private let uniform: UniformRange

  /// - Parameters:
  ///   - numerator: n, below d.
  ///   - denominator: d.
  ///   - bits: The digits of a prefix, at most 32.
  package init(_ numerator: UInt64, over denominator: UInt64, bits: UInt64) {
    precondition(numerator < denominator && bits <= 32)
    self.numerator = numerator
    self.denominator = denominator
    let (quotient, remainder) = (UInt128(numerator) << UInt128(bits))
      .quotientAndRemainder(dividingBy: UInt128(denominator))
    whole = UInt64(quotient)
    rest = UInt64(remainder)
    uniform = UniformRange(denominator)
  }

  /// n / d.
  var probability: Double { Double(numerator) / Double(denominator) }

  /// - Parameter prefix: Uniform in 0 ..< 2^bits.
  /// - Returns: 1 for the event, 0 otherwise.
  /// - Throws: ``PrivacyError/randomnessUnavailable``.
  @inline(__always)
  package func draw(prefix: UInt64, noise: inout NoiseStream) throws -> UInt64 {
    if prefix == whole {
      return outcome(prefix: prefix, further: try further(from: &noise))
    }
    return outcome(prefix: prefix, further: 0)
  }

  /// - Parameters:
  ///   - prefix: Uniform in 0 ..< 2^bits.
  ///   - further: Uniform in 0 ..< d; looked at only when the prefix does not decide.
  /// - Returns: 1 for the event, 0 otherwise.
  @inline(__always)
  package func outcome(prefix: UInt64, further: UInt64) -> UInt64 {
    prefix == whole ? 1 &- isAtLeast(further, rest) : 1 &- isAtLeast(prefix, whole)
  }

  @inline(never)
  private func further(from noise: inout NoiseStream) throws -> UInt64 {
    try uniform.draw(from: &noise)
  }
}
