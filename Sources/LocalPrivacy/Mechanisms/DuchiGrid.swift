/// Duchi, Jordan, Wainwright's one-dimensional mechanism in exact integers: one bit a value.
///
///     weight(+1) = favoured (m + T) + other (m - T),   total 2 m (favoured + other)
///
/// It is drawn in two steps with the same distribution and no product that overflows: a coin is
/// heads with probability (m + T) / 2m, then flipped with probability other / (favoured + other).
package struct DuchiGrid: Hashable, Sendable {
  package let odds: Odds
  /// The inputs are T / resolution for T in -resolution ... resolution.
  package let resolution: UInt64
  package let flip: RationalTrial

  /// - Parameters:
  ///   - resolution: m, from 1 to 2^40.
  ///   - flipBits: The digits that mostly decide the flip; few of them in tests, to enumerate them.
  package init(odds: Odds, resolution: UInt64, flipBits: UInt64 = 21) {
    precondition(resolution >= 1 && resolution <= 1 << 40)
    self.odds = odds
    self.resolution = resolution
    flip = RationalTrial(odds.other, over: odds.favoured + odds.other, bits: flipBits)
  }

  /// The size of an unbiased estimate: output x scale.
  var scale: Double {
    (Double(odds.favoured) + Double(odds.other)) / Double(odds.favoured - odds.other)
  }

  /// - Parameters:
  ///   - gridValue: T, in -resolution ... resolution.
  ///   - coin: Uniform in 0 ..< 2 resolution.
  ///   - flipped: 1 for a flip, which has the probability of `flip`; otherwise 0.
  /// - Returns: 1 or -1.
  @inline(__always)
  package func output(_ gridValue: Int64, coin: UInt64, flipped: UInt64) -> Int32 {
    let tails = isAtLeast(coin, resolution &+ UInt64(bitPattern: gridValue))
    return 1 &- 2 &* Int32(truncatingIfNeeded: tails ^ flipped)
  }
}
