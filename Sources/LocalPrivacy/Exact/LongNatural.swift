/// A natural number of any length: the few operations that exact comparisons need.
package struct LongNatural: Equatable {
  /// The least significant limb first, without leading zeros.
  package private(set) var limbs: [UInt128]

  init(_ value: UInt128) { limbs = value == 0 ? [] : [value] }

  static func power(ofTwo exponent: Int) -> LongNatural {
    var result = LongNatural(0)
    result.limbs = [UInt128](repeating: 0, count: exponent / 128)
    result.limbs.append(UInt128(1) << UInt128(exponent % 128))
    return result
  }

  var isZero: Bool { limbs.isEmpty }

  mutating func multiply(by factor: UInt128) {
    var carry: UInt128 = 0
    for index in limbs.indices {
      let product = limbs[index].multipliedFullWidth(by: factor)
      let (low, overflow) = product.low.addingReportingOverflow(carry)
      limbs[index] = low
      carry = product.high + (overflow ? 1 : 0)
    }
    if carry > 0 { limbs.append(carry) }
    trim()
  }

  /// Rounds down.
  mutating func divide(by divisor: UInt128) {
    var remainder: UInt128 = 0
    for index in limbs.indices.reversed() {
      (limbs[index], remainder) = divisor.dividingFullWidth((remainder, limbs[index]))
    }
    trim()
  }

  mutating func add(_ other: LongNatural) {
    var carry: UInt128 = 0
    for index in 0..<max(limbs.count, other.limbs.count) {
      if index == limbs.count { limbs.append(0) }
      let addend = index < other.limbs.count ? other.limbs[index] : 0
      let (partial, first) = limbs[index].addingReportingOverflow(addend)
      let (total, second) = partial.addingReportingOverflow(carry)
      limbs[index] = total
      carry = (first ? 1 : 0) + (second ? 1 : 0)
    }
    if carry > 0 { limbs.append(carry) }
  }

  /// This times the number whose 128-bit digits are given, the most significant first.
  func times(_ digits: [UInt128]) -> LongNatural {
    var result = LongNatural(0)
    for digit in digits {
      if !result.isZero { result.limbs.insert(0, at: 0) }
      var product = self
      product.multiply(by: digit)
      result.add(product)
    }
    return result
  }

  func isAtMost(_ other: LongNatural) -> Bool {
    guard limbs.count == other.limbs.count else { return limbs.count < other.limbs.count }
    for index in limbs.indices.reversed() where limbs[index] != other.limbs[index] {
      return limbs[index] < other.limbs[index]
    }
    return true
  }

  private mutating func trim() {
    while limbs.last == 0 { limbs.removeLast() }
  }
}
