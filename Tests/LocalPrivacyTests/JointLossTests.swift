import BigInt
import LocalPrivacy
import Testing

/// What aligning at the party costs: one clean value can move several slots.
@Suite struct JointLossTests {
  /// A unit of a layer: what it is ordered by, and what is released of it.
  struct Unit {
    let key: Int
    /// -1 or 1, in units of the clipping radius.
    let weight: Int64
  }

  /// The weight (of the total (2 (favoured + other))^2) of releasing these signs when the units
  /// are first put in the order of their clean keys.
  static func weight(of signs: [Int32], releasing units: [Unit], through odds: Odds) -> BigInt {
    let grid = DuchiGrid(odds: odds, resolution: 1, flipBits: 0)
    let ordered = units.sorted { $0.key < $1.key }
    return zip(signs, ordered).reduce(BigInt(1)) { product, pair in
      var ways = 0
      for coin in 0..<UInt64(2) {
        for further in 0..<(odds.favoured + odds.other) {
          let flipped = grid.flip.outcome(prefix: 0, further: further)
          if grid.output(pair.1.weight, coin: coin, flipped: flipped) == pair.0 { ways += 1 }
        }
      }
      return product * BigInt(ways)
    }
  }

  @Test func `changing one clean value can cost 2 epsilon jointly and never more for two slots`() {
    let odds = Odds(favoured: 7, other: 2)
    let model = [Unit(key: 1, weight: -1), Unit(key: 2, weight: 1)]
    // Only the first unit's key differs, and the two units change places.
    let neighbour = [Unit(key: 3, weight: -1), Unit(key: 2, weight: 1)]
    var greatest = (numerator: BigInt(1), denominator: BigInt(1))
    for signs in [[-1, -1], [-1, 1], [1, -1], [1, 1]] as [[Int32]] {
      let one = Self.weight(of: signs, releasing: model, through: odds)
      let other = Self.weight(of: signs, releasing: neighbour, through: odds)
      if one * greatest.denominator > greatest.numerator * other {
        greatest = (one, other)
      }
    }
    // (favoured / other)^2 exactly: e^(2 epsilon), as d epsilon bounds it for d = 2.
    #expect(greatest.numerator * 2 * 2 == greatest.denominator * 7 * 7)
  }

  @Test func `without aligning the same change costs epsilon at most`() {
    let odds = Odds(favoured: 7, other: 2)
    for other in [Int64(-1), 0, 1] {
      for sign in [Int32(-1), 1] {
        let one = Self.weight(
          of: [sign], releasing: [Unit(key: 0, weight: -1)], through: odds)
        let two = Self.weight(
          of: [sign], releasing: [Unit(key: 0, weight: other)], through: odds)
        #expect(one * 2 <= two * 7 && two * 2 <= one * 7)
      }
    }
  }
}
