import BigInt
import LocalPrivacy
import Testing

/// Small grids, whose whole output distribution is enumerated through the code that samples.
@Suite struct GridEnumerationTests {
  static let grids: [PiecewiseGrid] = [
    PiecewiseGrid(odds: Odds(favoured: 7, other: 4), resolution: 3, step: 2, width: 5),
    PiecewiseGrid(odds: Odds(favoured: 11, other: 2), resolution: 4, step: 2, width: 3),
    PiecewiseGrid(odds: Odds(favoured: 9, other: 8), resolution: 2, step: 3, width: 1),
    PiecewiseGrid(odds: Odds(favoured: 50, other: 3), resolution: 5, step: 1, width: 7),
  ]

  static func counts(_ grid: PiecewiseGrid, _ gridValue: Int64) -> [Int32: UInt64] {
    var counts: [Int32: UInt64] = [:]
    for uniform in 0..<grid.uniform.bound {
      counts[grid.output(gridValue, uniform: uniform), default: 0] += 1
    }
    return counts
  }

  @Test func `every output of grid Piecewise has its exact weight`() {
    for grid in Self.grids {
      let m = Int64(grid.resolution)
      let greatest = Int64(grid.greatestOutput)
      for gridValue in -m...m {
        let counts = Self.counts(grid, gridValue)
        for output in -greatest...greatest {
          let centre = gridValue * Int64(grid.step)
          let inside = (output - centre).magnitude <= (grid.width - 1) / 2
          #expect(
            counts[Int32(output)] == (inside ? grid.odds.favoured : grid.odds.other),
            "output \(output) for \(gridValue)")
        }
        #expect(counts.count == 2 * Int(greatest) + 1)
      }
    }
  }

  @Test func `no two inputs of grid Piecewise differ by more than its odds on any output`() {
    for grid in Self.grids {
      let m = Int64(grid.resolution)
      let distributions = (-m...m).map { Self.counts(grid, $0) }
      for one in distributions {
        for other in distributions {
          for (output, weight) in one {
            #expect(
              BigInt(weight) * BigInt(grid.odds.other)
                <= BigInt(other[output, default: 0]) * BigInt(grid.odds.favoured))
          }
        }
      }
    }
  }

  @Test func `grid Piecewise is unbiased exactly`() {
    for grid in Self.grids {
      let m = Int64(grid.resolution)
      for gridValue in -m...m {
        var sum = BigInt(0)
        for (output, weight) in Self.counts(grid, gridValue) {
          sum += BigInt(output) * BigInt(weight)
        }
        // E[v] = (sum / S) x S / (excess W step m) = T / m.
        let excess = BigInt(grid.odds.favoured - grid.odds.other)
        #expect(sum == BigInt(gridValue) * excess * BigInt(grid.width) * BigInt(grid.step))
      }
    }
  }

  /// How often the event is in all 2^bits prefixes with all d continuations of each.
  static func ways(_ trial: RationalTrial, bits: UInt64, denominator: UInt64) -> UInt64 {
    var ways: UInt64 = 0
    for prefix in 0..<(UInt64(1) << bits) {
      for further in 0..<denominator { ways += trial.outcome(prefix: prefix, further: further) }
    }
    return ways
  }

  @Test func `an event decided by a prefix mostly has its exact probability`() {
    for denominator in UInt64(1)...24 {
      for numerator in 0..<denominator {
        for bits in UInt64(0)...6 {
          let trial = RationalTrial(numerator, over: denominator, bits: bits)
          let ways = Self.ways(trial, bits: bits, denominator: denominator)
          #expect(ways == numerator << bits, "\(numerator) / \(denominator), \(bits) bits")
        }
      }
    }
  }

  @Test(arguments: [0, 1, 3, 5] as [UInt64])
  func `grid Duchi has its exact weights, ratio and mean`(flipBits: UInt64) {
    for odds in [Odds(favoured: 7, other: 4), Odds(favoured: 23, other: 2)] {
      let grid = DuchiGrid(odds: odds, resolution: 6, flipBits: flipBits)
      var weights: [UInt64] = []
      for gridValue in Int64(-6)...6 {
        var plus: UInt64 = 0
        for coin in UInt64(0)..<12 {
          for prefix in 0..<(UInt64(1) << flipBits) {
            for further in 0..<(odds.favoured + odds.other) {
              let flipped = grid.flip.outcome(prefix: prefix, further: further)
              if grid.output(gridValue, coin: coin, flipped: flipped) == 1 { plus += 1 }
            }
          }
        }
        let heads = UInt64(6 + gridValue)
        #expect(plus == (odds.favoured * heads + odds.other * (12 - heads)) << flipBits)
        // E[v] = (plus - minus) / total x (favoured + other) / (favoured - other) = T / m.
        let total = (12 * (odds.favoured + odds.other)) << flipBits
        let excess = BigInt(2 * plus) - BigInt(total)
        #expect(
          excess
            == (BigInt(2 * gridValue) * BigInt(odds.favoured - odds.other)) << Int(flipBits))
        weights.append(plus)
        weights.append(total - plus)
      }
      let least = weights.min() ?? 0
      let greatest = weights.max() ?? 0
      #expect(greatest * odds.other <= least * odds.favoured)
    }
  }

  @Test func `randomised response has its exact weights`() throws {
    for categories in [2, 3, 10] {
      let odds = Odds(favoured: 13, other: 3)
      let response = try RandomizedResponse(categories: categories, odds: odds)
      #expect(response.totalWeight == 13 + 3 * UInt64(categories - 1))
      for label in 0..<UInt64(categories) {
        var counts = [UInt64](repeating: 0, count: categories)
        for uniform in 0..<response.totalWeight {
          counts[Int(response.output(label, uniform: uniform))] += 1
        }
        for category in counts.indices {
          #expect(counts[category] == (category == Int(label) ? 13 : 3))
        }
      }
    }
  }

  @Test func `at the real size the block lies where the equation puts it`() throws {
    for epsilon in [0.001, 0.5, 1, 8, 20] {
      let grid = try NumericMechanism.piecewiseGrid(epsilon: epsilon)
      let half = Int64((grid.width - 1) / 2)
      let inside = grid.width * grid.odds.favoured
      for gridValue in [-32768, -32767, -1, 0, 5, 32768] as [Int64] {
        let centre = gridValue * 2
        let greatest = Int64(grid.greatestOutput)
        #expect(Int64(grid.output(gridValue, uniform: 0)) == centre - half)
        #expect(Int64(grid.output(gridValue, uniform: inside - 1)) == centre + half)
        // The first and last points outside the block.
        let first = -greatest == centre - half ? centre + half + 1 : -greatest
        let last = greatest == centre + half ? centre - half - 1 : greatest
        #expect(Int64(grid.output(gridValue, uniform: inside)) == first)
        #expect(Int64(grid.output(gridValue, uniform: grid.uniform.bound - 1)) == last)
      }
    }
  }
}
