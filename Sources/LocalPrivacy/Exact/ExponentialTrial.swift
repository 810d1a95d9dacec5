/// An event of probability 1 / (c + e^(n / d)) relative to a uniform real number, decided exactly:
/// e^-(n / d) for c = 0, and the logistic function for c = 1.
///
/// The real number X is uniform in [prefix, prefix + 1) 2^-bits; its further digits are drawn
/// only while they matter. As e^(n / d) is irrational for n > 0, they stop mattering after
/// finitely many with probability 1; the chance of needing any is the chance that X's interval
/// straddles the bound.
package enum ExponentialTrial {
  /// Whether X < 1 / (c + e^(n / d)), that is, whether X (c + e^(n / d)) < 1.
  ///
  /// - Parameters:
  ///   - prefix: The leading digits of X, below 2^bits.
  ///   - bits: Their number, at least 0.
  ///   - numerator: n, below 2^127; above 0 unless c is 0.
  ///   - denominator: d, from 1 to below 2^127.
  ///   - constant: c, 0 or 1.
  ///   - noise: Gives further digits.
  package static func isBelow(
    prefix: UInt64, bits: Int, numerator: UInt128, denominator: UInt128,
    plus constant: UInt128 = 0, noise: inout NoiseStream
  ) throws -> Bool {
    if numerator == 0, constant == 0 { return true }
    var digits = [UInt128(prefix)]
    var bits = bits
    while true {
      // 128 bits more than X has, so that the interval of e^x is far narrower than that of X.
      let bounds = Denominator(
        numerator, over: denominator, plus: constant, fractionLimbs: digits.count + 1)
      let one = LongNatural.power(ofTwo: bits + bounds.fractionBits)
      if one.isAtMost(bounds.lower.times(digits)) { return false }
      var greatest = bounds.upper.times(digits)
      greatest.add(bounds.upper)
      if greatest.isAtMost(one) { return true }
      let high = UInt128(try noise.next())
      digits.append(high << 64 | UInt128(try noise.next()))
      bits += 128
    }
  }

  /// The first binary digits of the probability: floor(2^bits / (c + e^(n / d))).
  ///
  /// - Parameters:
  ///   - numerator: n, below 2^127 and above 0.
  ///   - denominator: d, from 1 to below 2^127.
  ///   - constant: c, 0 or 1.
  ///   - bits: From 1 to 64.
  static func prefix(
    numerator: UInt128, denominator: UInt128, plus constant: UInt128, bits: Int
  ) -> UInt64 {
    precondition(numerator > 0 && bits >= 1 && bits <= 64)
    var fractionLimbs = 2
    while true {
      let bounds = Denominator(
        numerator, over: denominator, plus: constant, fractionLimbs: fractionLimbs)
      let one = LongNatural.power(ofTwo: bits + bounds.fractionBits)
      var prefix: UInt128 = 0
      for place in (0..<bits).reversed() {
        let candidate = prefix | 1 << UInt128(place)
        if bounds.upper.times([candidate]).isAtMost(one) { prefix = candidate }
      }
      // The next integer is too large for certain, unless the bounds are too far apart to tell.
      if !bounds.lower.times([prefix + 1]).isAtMost(one) { return UInt64(prefix) }
      fractionLimbs += 1
    }
  }

  /// Bounds of c + e^(n / d) in fixed point.
  private struct Denominator {
    let lower: LongNatural
    let upper: LongNatural
    let fractionBits: Int

    init(
      _ numerator: UInt128, over denominator: UInt128, plus constant: UInt128, fractionLimbs: Int
    ) {
      let exponential = ExponentialInterval(
        numerator, over: denominator, fractionLimbs: fractionLimbs)
      fractionBits = exponential.fractionBits
      var (lower, upper) = (exponential.lower, exponential.upper)
      if constant > 0 {
        var whole = LongNatural.power(ofTwo: exponential.fractionBits)
        whole.multiply(by: constant)
        lower.add(whole)
        upper.add(whole)
      }
      self.lower = lower
      self.upper = upper
    }
  }
}
