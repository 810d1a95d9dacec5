import BigInt
import LocalPrivacy
import Testing

@Suite struct ExactArithmeticTests {
  /// floor(e^x 2^32) by a series of exact fractions at 400 bits, with a bound on both sides.
  static func floorOfExponential(_ x: Double) -> (least: BigInt, greatest: BigInt) {
    let numerator = BigInt(x * 0x1p63)
    var term = BigInt(1) << 400
    var sum = term
    var order = BigInt(1)
    while term > 0 {
      term = term * numerator / (order << 63)
      sum += term
      order += 1
    }
    return (sum >> 368, (sum + (BigInt(1) << 100)) >> 368)
  }

  static let losses: [Double] =
    [0.001, 0.01, 0.1, 0.5, 0.609352, 1, 1.28978, 2, 3, 4, 7.77, 8, 10, 13.3, 19.99, 20]
    + stride(from: 0.0013, to: 20, by: 0.0371)

  @Test func `the favoured weight is the floor of e^epsilon 2^32`() throws {
    for epsilon in Self.losses {
      let odds = try Odds(epsilon: epsilon)
      let expected = Self.floorOfExponential(epsilon)
      #expect(expected.least == expected.greatest)
      #expect(BigInt(odds.favoured) == expected.least, "epsilon \(epsilon)")
      #expect(odds.other == 1 << 32)
    }
  }

  @Test func `the reported epsilon is rounded up and never above the one asked for`() throws {
    for epsilon in Self.losses {
      let odds = try Odds(epsilon: epsilon)
      #expect(odds.epsilon <= epsilon)
      // favoured loses at most 1 of at least 2^32.
      #expect(odds.epsilon > epsilon - 0x1p-31)
      let reached = Self.floorOfExponential(odds.epsilon).greatest
      #expect(reached >= BigInt(odds.favoured), "epsilon \(epsilon)")
    }
  }

  @Test func `the loss of small odds is their logarithm, rounded up`() {
    for (favoured, other) in [(3, 2), (5, 2), (7, 4), (1000, 3)] as [(UInt64, UInt64)] {
      let epsilon = Odds(favoured: favoured, other: other).epsilon
      let numerator = BigInt(epsilon * 0x1p63)
      // e^epsilon >= favoured / other, by the exact series to 400 bits.
      var term = BigInt(1) << 400
      var sum = term
      for order in 1...200 {
        term = term * numerator / (BigInt(order) << 63)
        sum += term
      }
      #expect(sum * BigInt(other) >= BigInt(favoured) << 400)
      #expect(sum * BigInt(other) < (BigInt(favoured) << 350) * ((BigInt(1) << 50) + 16))
    }
  }

  @Test func `a uniform draw hits every number below its bound equally often`() throws {
    var noise = NoiseStream(reproducibleKey: [UInt8](repeating: 7, count: 32))
    let range = UniformRange(64)
    var counts = [Double](repeating: 0, count: 64)
    for _ in 0..<640_000 { counts[Int(try range.draw(from: &noise))] += 1 }
    let chiSquare = counts.reduce(0) { $0 + ($1 - 10_000) * ($1 - 10_000) / 10_000 }
    // scipy.stats.chi2.isf(1e-8, 63) = 147.46: false failures at most 1e-8 over keys.
    #expect(chiSquare < 147.46)
  }

  /// z-tests at 6 deviations: false failures in fewer than 3e-8 of all keys; the key is fixed besides.
  @Test func `an event is drawn as often as its probability says, however few its digits`() throws {
    var noise = NoiseStream(reproducibleKey: [UInt8](repeating: 8, count: 32))
    let count = 200_000
    for (numerator, denominator) in [(0, 5), (1, 3), (5, 7), (999, 1000)] as [(UInt64, UInt64)] {
      for bits in [0, 1, 4, 21] as [UInt64] {
        let trial = RationalTrial(numerator, over: denominator, bits: bits)
        var events: UInt64 = 0
        for _ in 0..<count {
          let prefix = try noise.next() & ((1 << bits) - 1)
          events += try trial.draw(prefix: prefix, noise: &noise)
        }
        let probability = Double(numerator) / Double(denominator)
        let deviation = (probability * (1 - probability) * Double(count)).squareRoot()
        #expect((Double(events) - probability * Double(count)).magnitude <= 6 * deviation)
      }
    }
  }

  @Test func `streams of one key agree and of two keys do not`() throws {
    var one = NoiseStream(reproducibleKey: [UInt8](repeating: 1, count: 32))
    var same = NoiseStream(reproducibleKey: [UInt8](repeating: 1, count: 32))
    var other = NoiseStream(reproducibleKey: [UInt8](repeating: 2, count: 32))
    var seen = Set<UInt64>()
    for _ in 0..<20_000 {
      let word = try one.next()
      let repeated = try same.next()
      let different = try other.next()
      #expect(word == repeated)
      seen.insert(word)
      seen.insert(different)
    }
    // 20,000 words span three blocks of 64 KiB; a repeated block would collide 8192 times.
    #expect(seen.count == 40_000)
  }
}
