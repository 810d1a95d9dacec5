/// A lower bound of e^x in binary fixed point, by integer arithmetic only.
///
///     bits / 2^96 <= e^x < bits / 2^96 + 2^-55,    2^-11 <= x <= 20
///
/// Taylor's series term by term. Every product and quotient is rounded down and every term is
/// positive, so the sum of the truncated series is a lower bound. Each of the fewer than 256
/// terms is short by at most one unit of the last place, carried on by a factor of at most
/// e^20 < 2^29, so all is short by less than 2^8 x 2^29 units of 2^-96, and the terms left out by
/// less than 2^4 such units: 2^-59 together. No libm is involved: the bound holds on any machine.
struct FixedPointExponential {
  static let fractionBits = 96
  static let one = UInt128(1) << UInt128(fractionBits)
  let bits: UInt128

  /// - Parameter exponent: From 2^-11 to 20, so that it is a multiple of 2^-63 exactly.
  init(_ exponent: Double) {
    precondition(exponent >= 0x1p-11 && exponent <= 20, "e^x is bounded for 2^-11 <= x <= 20")
    let exponentBits = UInt128(exponent * 0x1p63)
    var term = Self.one
    var sum = term
    var order: UInt128 = 1
    while term > 0 {
      let product = term.multipliedFullWidth(by: exponentBits)
      // term <= 2^96 x 20^20/20! < 2^122, so the quotient fits.
      term = (order << 63).dividingFullWidth(product).quotient
      sum += term
      order += 1
    }
    bits = sum
  }
}
