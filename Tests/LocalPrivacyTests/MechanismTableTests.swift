import BigInt
import LocalPrivacy
import Testing

/// Tables of all outputs' probabilities, as exact fractions, beside the variance that each mechanism
/// states of itself.
@Suite struct MechanismTableTests {
  /// Weights of outputs, out of `total`; an estimate is output x scale, scale = numerator / denominator.
  struct Table {
    var weights: [BigInt: BigInt] = [:]
    var total = BigInt(0)
    let numerator: BigInt
    let denominator: BigInt

    mutating func add(_ output: BigInt, weight: BigInt) {
      weights[output, default: 0] += weight
      total += weight
    }

    /// E[estimate] as a fraction.
    var mean: (BigInt, BigInt) {
      let sum = weights.reduce(BigInt(0)) { $0 + $1.key * $1.value }
      return (sum * numerator, total * denominator)
    }

    /// E[estimate²], rounded once.
    var secondMoment: Double {
      let sum = weights.reduce(BigInt(0)) { $0 + $1.key * $1.key * $1.value }
      return MechanismTableTests.quotient(
        sum * numerator * numerator, total * denominator * denominator)
    }
  }

  static func quotient(_ numerator: BigInt, _ denominator: BigInt) -> Double {
    Double((numerator << 300) / denominator) * 0x1p-300
  }

  static let odds = [Odds(favoured: 7, other: 4), Odds(favoured: 23, other: 2)]

  static func table(_ grid: DuchiGrid, at gridValue: Int64) -> Table {
    let (favoured, other) = (BigInt(grid.odds.favoured), BigInt(grid.odds.other))
    var table = Table(numerator: favoured + other, denominator: favoured - other)
    for coin in 0..<(2 * grid.resolution) {
      for (flipped, weight) in [(0, favoured), (1, other)] as [(UInt64, BigInt)] {
        table.add(BigInt(grid.output(gridValue, coin: coin, flipped: flipped)), weight: weight)
      }
    }
    return table
  }

  static func table(_ grid: PiecewiseGrid, at gridValue: Int64) -> Table {
    let excess = BigInt(grid.odds.favoured) - BigInt(grid.odds.other)
    var table = Table(
      numerator: BigInt(grid.uniform.bound),
      denominator: excess * BigInt(grid.width * grid.step * grid.resolution))
    for uniform in 0..<grid.uniform.bound {
      table.add(BigInt(grid.output(gridValue, uniform: uniform)), weight: 1)
    }
    return table
  }

  static func expectUnbiased(_ table: Table, at gridValue: Int64, resolution: UInt64) {
    let (mean, total) = table.mean
    #expect(mean * BigInt(resolution) == BigInt(gridValue) * total)
  }

  @Test(arguments: odds)
  func `Duchi's table has the variance that is stated`(odds: Odds) {
    let grid = DuchiGrid(odds: odds, resolution: 6)
    let mechanism = NumericMechanism(grid: .duchi(grid))
    for gridValue in Int64(-6)...6 {
      let table = Self.table(grid, at: gridValue)
      Self.expectUnbiased(table, at: gridValue, resolution: 6)
      let t = Double(gridValue) / 6
      let variance = table.secondMoment - t * t
      #expect(abs(mechanism.variance(at: t) - variance) < 1e-13 * table.secondMoment)
      #expect(variance <= mechanism.worstVariance * (1 + 1e-13))
    }
  }

  @Test func `Piecewise's tables have the variance that is stated`() {
    for grid in GridEnumerationTests.grids {
      let mechanism = NumericMechanism(grid: .piecewise(grid))
      let m = Int64(grid.resolution)
      for gridValue in -m...m {
        let table = Self.table(grid, at: gridValue)
        Self.expectUnbiased(table, at: gridValue, resolution: grid.resolution)
        let t = Double(gridValue) / Double(m)
        let variance = table.secondMoment - t * t
        // m t is rounded back to T within 1e-15, which is felt through f (1 - f) / m².
        #expect(abs(mechanism.variance(at: t) - variance) < 1e-12 * table.secondMoment)
        #expect(variance <= mechanism.worstVariance * (1 + 1e-13))
      }
    }
  }

  /// The public coin is part of the table: outputs of the two mechanisms are told apart.
  @Test(arguments: odds, [(0, 1), (1, 3), (5, 7)])
  func `Hybrid's table is the mixture, within the odds, and has the variance that is stated`(
    odds: Odds, coin: (UInt64, UInt64)
  ) throws {
    let duchi = DuchiGrid(odds: odds, resolution: 4)
    let piecewise = PiecewiseGrid(odds: odds, resolution: 4, step: 2, width: 3)
    let trial = RationalTrial(coin.0, over: coin.1, bits: 3)
    let mechanism = NumericMechanism(grid: .hybrid(duchi, piecewise, coin: trial))
    let ways = GridEnumerationTests.ways(trial, bits: 3, denominator: coin.1)
    #expect(ways * coin.1 == coin.0 * (coin.1 << 3))
    let (alpha, rest) = (BigInt(coin.0), BigInt(coin.1 - coin.0))
    var tables: [[BigInt: BigInt]] = []
    for gridValue in Int64(-4)...4 {
      let one = Self.table(duchi, at: gridValue)
      let other = Self.table(piecewise, at: gridValue)
      // Over total(one) total(other) d; Duchi's outputs lie beyond Piecewise's.
      let beyond = BigInt(piecewise.greatestOutput) + 1
      var weights = other.weights.mapValues { $0 * alpha * one.total }
      for (output, weight) in one.weights { weights[output * beyond] = weight * rest * other.total }
      #expect(weights.values.reduce(0, +) == one.total * other.total * (alpha + rest))
      tables.append(weights)
      let t = Double(gridValue) / 4
      let share = Double(coin.0) / Double(coin.1)
      let second = share * other.secondMoment + (1 - share) * one.secondMoment
      #expect(abs(mechanism.variance(at: t) - (second - t * t)) < 1e-12 * second)
    }
    for one in tables {
      for other in tables {
        for (output, weight) in one {
          let bound = other[output, default: 0] * BigInt(odds.favoured)
          #expect(weight * BigInt(odds.other) <= bound)
        }
      }
    }
  }

  @Test(arguments: odds, [2, 3, 10])
  func `randomised response's table has the variance that is stated`(odds: Odds, categories: Int)
    throws
  {
    let response = try RandomizedResponse(categories: categories, odds: odds)
    let (total, gap) = (BigInt(response.totalWeight), BigInt(odds.favoured) - BigInt(odds.other))
    for label in 0..<UInt64(categories) {
      var counts = [BigInt](repeating: 0, count: categories)
      for uniform in 0..<response.totalWeight {
        counts[Int(response.output(label, uniform: uniform))] += 1
      }
      for category in counts.indices {
        // (S [o = c] - other) / (favoured - other).
        let isPresent = category == Int(label)
        let (held, other) = (total - BigInt(odds.other), -BigInt(odds.other))
        let mean = counts[category] * held + (total - counts[category]) * other
        #expect(mean == (isPresent ? total * gap : 0))
        let second =
          counts[category] * held * held + (total - counts[category]) * other * other
        let variance = Self.quotient(second, total * gap * gap) - (isPresent ? 1 : 0)
        #expect(abs(response.variance(ofPresent: isPresent) - variance) < 1e-12 * (1 + variance))
      }
    }
  }

  @Test(arguments: [(3, 1), (5, 2), (6, 3)])
  func `subset selection's table has the variance that is stated`(categories: Int, size: Int)
    throws
  {
    let odds = Odds(favoured: 13, other: 4)
    let selection = try SubsetSelection(categories: categories, odds: odds, subsetSize: size)
    let counts = SubsetSelectionTests.counts(selection, 1)
    let total = counts.values.reduce(0, +)
    func held(_ category: Int) -> BigInt {
      counts.filter { selection.subset(of: $0.key).contains(category) }.values.reduce(0, +)
    }
    let (present, absent) = (held(1), held(0))
    let gap = present - absent
    for (isPresent, weight) in [(true, present), (false, absent)] {
      // (total [held] - absent) / (present - absent).
      let (yes, no) = (total - absent, -absent)
      #expect(weight * yes + (total - weight) * no == (isPresent ? total * gap : 0))
      let second = weight * yes * yes + (total - weight) * no * no
      let variance = Self.quotient(second, total * gap * gap) - (isPresent ? 1 : 0)
      #expect(abs(selection.variance(ofPresent: isPresent) - variance) < 1e-12 * (1 + variance))
    }
  }

  /// Both forms of the sum, and the bounds of Canonne, Kamath, Steinke 2020, Corollary 9.
  @Test(arguments: [(1, 16), (1, 3), (1, 2), (51, 100), (1, 1), (5, 1), (1000, 1)])
  func `the discrete Gaussian's table has the variance that is stated`(
    numerator: Int, denominator: Int
  ) throws {
    let gaussian = try DiscreteGaussian(squaredScale: numerator, over: denominator)
    // e^-(x² d / 2 n) in units of 2^-600.
    var (total, second) = (DiscreteLaplaceTests.one, BigInt(0))
    var x = 1
    while true {
      let weight =
        DiscreteLaplaceTests.one * DiscreteLaplaceTests.one
        / DiscreteLaplaceTests.exponential(x * x * denominator, 2 * numerator)
      if weight < BigInt(1) << 400 { break }
      total += 2 * weight
      second += 2 * BigInt(x * x) * weight
      x += 1
    }
    let variance = Self.quotient(second, total)
    #expect(abs(gaussian.variance - variance) < 1e-12 * variance)
    #expect(gaussian.variance <= Double(numerator) / Double(denominator))
    #expect(gaussian.rho(squaredSensitivity: 0) == 0)
    let rho = 9 * Double(denominator) / (2 * Double(numerator))
    #expect(gaussian.rho(squaredSensitivity: 9) >= rho)
    #expect(gaussian.rho(squaredSensitivity: 9) < rho * (1 + 1e-14))
  }
}
