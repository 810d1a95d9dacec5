/// The exact odds of telling one input from another: every output's probabilities differ by at
/// most the factor `favoured / other`.
///
/// Two integers are the canonical parameter of a mechanism; its loss epsilon is derived from
/// them, and rounded up:
///
///     favoured = floor(e^epsilon x 2^32),   other = 2^32
package struct Odds: Hashable, Sendable {
  /// The accepted losses: below, one grid step would not be felt; above, 64 bits overflow.
  static let leastEpsilon = 0.001
  static let greatestEpsilon = 20.0

  package let favoured: UInt64
  package let other: UInt64
  /// An upper bound of ln(favoured / other), above it by a few units of the last place.
  package let epsilon: Double

  /// The greatest odds on the grid that do not exceed e^epsilon.
  ///
  /// - Parameter epsilon: From 0.001 to 20.
  /// - Throws: ``PrivacyError/epsilonOutOfRange(_:least:greatest:)`` otherwise, and for NaN.
  package init(epsilon: Double) throws {
    guard epsilon >= Self.leastEpsilon, epsilon <= Self.greatestEpsilon else {
      throw PrivacyError.epsilonOutOfRange(
        epsilon, least: Self.leastEpsilon, greatest: Self.greatestEpsilon)
    }
    let exponential = FixedPointExponential(epsilon).bits
    let favoured = UInt64(exponential >> UInt128(FixedPointExponential.fractionBits - 32))
    self.init(favoured: favoured, other: 1 << 32)
  }

  /// Odds given as integers, for grids small enough to enumerate.
  package init(favoured: UInt64, other: UInt64) {
    precondition(other >= 2 && favoured > other, "odds must favour something")
    self.favoured = favoured
    self.other = other
    epsilon = Self.logarithmRoundedUp(favoured, other)
  }

  /// The logarithm is libm's guess, raised until the exponential's proven lower bound shows that
  /// e^epsilon >= favoured / other.
  private static func logarithmRoundedUp(_ favoured: UInt64, _ other: UInt64) -> Double {
    var epsilon = naturalLogarithm(Double(favoured) / Double(other)).nextDown.nextDown
    while !isAtMost(epsilon, favoured: favoured, other: other) { epsilon = epsilon.nextUp }
    return epsilon
  }

  /// Whether e^epsilon >= favoured / other, shown by the exponential's proven lower bound.
  ///
  /// - Parameter epsilon: From 2^-11 to 20.
  static func isAtMost(_ epsilon: Double, favoured: UInt64, other: UInt64) -> Bool {
    // favoured x 2^96, as high and low halves.
    let target = (high: UInt128(favoured) >> 32, low: UInt128(favoured) << 96)
    let reached = FixedPointExponential(epsilon).bits.multipliedFullWidth(by: UInt128(other))
    return reached.high > target.high
      || (reached.high == target.high && reached.low >= target.low)
  }
}
