/// An event of probability e^-(n / d) relative to a uniform real number, decided exactly.
///
/// The real number X is uniform in [prefix, prefix + 1) 2^-bits; its further digits are drawn
/// only while they matter. As e^-(n / d) is irrational for n > 0, they stop mattering after
/// finitely many with probability 1; the chance of needing any is the chance that X's interval
/// straddles the bound.
package enum ExponentialTrial {
  /// Whether X < e^-(n / d), that is, whether X e^(n / d) < 1.
  ///
  /// - Parameters:
  ///   - prefix: The leading digits of X, below 2^bits.
  ///   - bits: Their number, at least 0.
  ///   - numerator: n, below 2^127.
  ///   - denominator: d, from 1 to below 2^127.
  ///   - noise: Gives further digits.
  package static func isBelow(
    prefix: UInt64, bits: Int, numerator: UInt128, denominator: UInt128,
    noise: inout NoiseStream
  ) throws -> Bool {
    if numerator == 0 { return true }
    var digits = [UInt128(prefix)]
    var bits = bits
    while true {
      // 128 bits more than X has, so that the interval of e^x is far narrower than that of X.
      let exponential = ExponentialInterval(
        numerator, over: denominator, fractionLimbs: digits.count + 1)
      let one = LongNatural.power(ofTwo: bits + exponential.fractionBits)
      if one.isAtMost(exponential.lower.times(digits)) { return false }
      var greatest = exponential.upper.times(digits)
      greatest.add(exponential.upper)
      if greatest.isAtMost(one) { return true }
      let high = UInt128(try noise.next())
      digits.append(high << 64 | UInt128(try noise.next()))
      bits += 128
    }
  }
}
