/// Bounds of e^(n / d) in fixed point, as narrow as asked for, by integer arithmetic only.
///
///     lower <= e^(n / d) 2^fractionBits < upper
///
/// Taylor's series, every product and quotient rounded down, so that the sum is a lower bound.
/// With x = n / d, the k-th term is short by e[k] <= e[k - 1] x / k + 1 units, so that the terms
/// up to the K-th are together short by at most K e^x. The series stops at K >= 2 x with a term
/// of 0 units: the true term is at most e[K] <= e^x, those after it are at most as much
/// together, and with e^x <= 2^c all is short by less than (K + 2) 2^c.
package struct ExponentialInterval {
  package let lower: LongNatural
  package let upper: LongNatural
  package let fractionBits: Int

  /// - Parameters:
  ///   - numerator: n, below 2^127.
  ///   - denominator: d, from 1 to below 2^127; n / d is at most 10^6.
  ///   - fractionLimbs: The number of 128-bit limbs after the point, at least 1.
  package init(_ numerator: UInt128, over denominator: UInt128, fractionLimbs: Int) {
    precondition(denominator > 0 && denominator >> 127 == 0 && numerator >> 127 == 0)
    precondition(numerator / 1_000_000 <= denominator, "e^x is bounded for x up to 10^6")
    let whole = numerator / denominator + 1
    // log2(e) = 1.4426... < 1.45.
    let exponent = Int(whole * 145 / 100) + 1
    fractionBits = fractionLimbs * 128
    var term = LongNatural.power(ofTwo: fractionBits)
    var sum = term
    var order: UInt128 = 1
    while !term.isZero || order <= 2 * whole {
      term.multiply(by: numerator)
      term.divide(by: denominator)
      term.divide(by: order)
      sum.add(term)
      order += 1
    }
    lower = sum
    var slack = LongNatural.power(ofTwo: exponent)
    slack.multiply(by: order + 2)
    sum.add(slack)
    upper = sum
  }
}
