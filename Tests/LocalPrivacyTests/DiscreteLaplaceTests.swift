import BigInt
import Foundation
import LocalPrivacy
import Testing

@Suite struct DiscreteLaplaceTests {
  /// e^(n / d) in units of 2^-600, rounded down.
  static func exponential(_ numerator: Int, _ denominator: Int) -> BigInt {
    ParallelTrialTests.denominator(BigInt(numerator), BigInt(denominator), plus: 0)
  }

  static let one = BigInt(1) << 600

  /// Whether two numbers in units of 2^-600 differ by rounding only.
  static func agree(_ a: BigInt, _ b: BigInt) -> Bool { (a - b).magnitude < BigUInt(1) << 200 }

  static let scales: [(numerator: Int, denominator: Int)] = [(1, 2), (1, 1), (3, 2), (7, 1)]

  @Test(arguments: scales)
  func `independent digits make a geometric variable`(numerator: Int, denominator: Int) {
    for count in 1...5 {
      let digits = GeometricDigits(UInt128(denominator), over: UInt128(numerator), count: count)
      #expect(digits.count == count)
      // P(b[i] = 1), in fixed point; its first 64 digits are those that decide.
      let chances = (0..<count).map { place in
        Self.one * Self.one
          / (Self.one + Self.exponential(denominator << place, numerator))
      }
      for (place, chance) in chances.enumerated() {
        #expect(BigInt(digits.prefixes.digits[place]) == chance >> 536)
      }
      let beyond = Self.one * Self.one / Self.exponential(denominator << count, numerator)
      #expect(BigInt(digits.prefixes.beyond) == beyond >> 536)
      // (1 - g) g^m for every m, also beyond the digits.
      let ratio = Self.one * Self.one / Self.exponential(denominator, numerator)
      var expected = Self.one - ratio
      for magnitude in 0..<(3 << count) {
        var probability = Self.one - beyond
        for _ in 0..<(magnitude >> count) { probability = (probability * beyond) >> 600 }
        for (place, chance) in chances.enumerated() {
          let factor = magnitude >> place & 1 == 1 ? chance : Self.one - chance
          probability = (probability * factor) >> 600
        }
        #expect(Self.agree(probability, expected), "\(magnitude) of \(count) digits")
        expected = (expected * ratio) >> 600
      }
    }
  }

  /// Sign and magnitude, -0 rejected: (1 - g) / (1 + g) g^|x|.
  @Test(arguments: scales)
  func `the table of probabilities has the mean and variance that are stated`(
    numerator: Int, denominator: Int
  ) throws {
    let laplace = try DiscreteLaplace(sensitivity: 1, scale: numerator, over: denominator)
    let ratio = Self.one * Self.one / Self.exponential(denominator, numerator)
    var weight = Self.one - ratio
    // Both signs of each magnitude, and one 0.
    var (total, second) = (weight, BigInt(0))
    var weights = [weight]
    for magnitude in 1..<3000 {
      weight = (weight * ratio) >> 600
      weights.append(weight)
      total += 2 * weight
      second += 2 * BigInt(magnitude * magnitude) * weight
    }
    for distance in 0..<50 {
      // A `Double` of the stated probability has 1e-13 of rounding at most.
      let expected = Double((weights[distance] << 200) / total) * 0x1p-200
      let found = laplace.probability(atDistance: distance)
      #expect(abs(found - expected) <= 1e-13 * expected + 1e-60)
    }
    let variance = Double((second << 200) / total) * 0x1p-200
    #expect(abs(laplace.variance - variance) < 1e-13 * variance)
  }

  @Test func `no two inputs differ by more than the loss on any output, clamped ones too`() throws {
    for (numerator, denominator) in Self.scales {
      for width in 1...3 {
        let laplace = try DiscreteLaplace(
          sensitivity: width, scale: numerator, over: denominator)
        // ln of the ratio, in units of 1 / numerator: (|o - v| - |o - u|) denominator. Outputs at the
        // ends stand for all beyond, whose sum has the exponent of the nearest.
        let greatest = (-40...40).flatMap { output in
          (0...width).flatMap { u in
            (0...width).map { v in (abs(output - v) - abs(output - u)) * denominator }
          }
        }.max()
        #expect(greatest == width * denominator)
        // e^epsilon is not below it: epsilon numerator >= width denominator, exactly.
        #expect(
          BigInt(laplace.epsilon * 0x1p62) * BigInt(numerator)
            >= BigInt(width * denominator) << 62)
        #expect(
          BigInt(laplace.epsilon.nextDown * 0x1p62) * BigInt(numerator)
            < BigInt(width * denominator) << 62)
      }
    }
  }

  @Test(arguments: [0.001, 0.1, 1, 4.77, 19.99, 20], [1, 2, 100, 10_000])
  func `a loss asked for is met, nearly and never exceeded`(epsilon: Double, sensitivity: Int)
    throws
  {
    let laplace = try DiscreteLaplace(sensitivity: sensitivity, epsilon: epsilon)
    #expect(laplace.epsilon <= epsilon && laplace.epsilon > epsilon - 0x1p-31)
    // sensitivity / scale is the loss without any rounding.
    #expect(
      BigInt(laplace.epsilon * 0x1p62) * BigInt(laplace.scaleNumerator)
        == (BigInt(sensitivity) * BigInt(laplace.scaleDenominator)) << 62)
    let scale = Double(sensitivity) / epsilon
    #expect(abs(laplace.scale / scale - 1) < 1e-6)
    // Canonne, Kamath, Steinke 2020: below the continuous variance 2 scale², by at most 1/6.
    #expect(laplace.variance < 2 * scale * scale * (1 + 1e-6))
    #expect(laplace.variance > 2 * scale * scale - 0.17 - 1e-5 * scale * scale)
  }

  /// Scores above 6 come up in fewer than 1e-8 of all keys; the keys are fixed besides. With few
  /// digits the samples mostly go through the exact comparisons and the open tail.
  @Test(
    arguments: [
      (1, 2, nil), (1, 1, nil), (3, 2, nil), (7, 1, nil), (100, 1, nil), (12_345, 67, nil),
      (1, 2, 1), (3, 2, 1), (1, 1, 2), (7, 1, 3),
    ] as [(Int, Int, Int?)])
  func `samples have the exact probabilities`(
    numerator: Int, denominator: Int, digitCount: Int?
  ) throws {
    var noise = NoiseStream(reproducibleKey: [UInt8](repeating: 51, count: 32))
    let laplace = try DiscreteLaplace(
      sensitivity: 1, scale: numerator, over: denominator, digitCount: digitCount)
    let count = digitCount == nil ? 300_000 : 5000
    let samples = try laplace.noise(count: count, from: &noise)
    let bound = Int(20 * laplace.scale) + 3
    var counts = [Int](repeating: 0, count: 2 * bound + 1)
    for sample in samples where sample.magnitude <= UInt64(bound) {
      counts[Int(sample) + bound] += 1
    }
    let probabilities = (-bound...bound).map { laplace.probability(atDistance: abs($0)) }
    #expect(ChiSquare.score(counts, probabilities, of: count) < 6)
  }

  /// z-tests at 6 deviations: false failures in fewer than 1e-7 of all keys; the key is fixed.
  @Test(arguments: [1, 100, 1 << 20])
  func `every lane has the moments that are stated`(scale: Int) throws {
    var noise = NoiseStream(reproducibleKey: [UInt8](repeating: 52, count: 32))
    let laplace = try DiscreteLaplace(sensitivity: scale, scale: scale, over: 1)
    let count = 512_000
    let samples = try laplace.noise(count: count, from: &noise).map { Double($0) }
    let n = Double(count)
    let mean = samples.reduce(0, +) / n
    let variance = samples.reduce(0) { $0 + $1 * $1 } / n
    #expect(mean.magnitude < 6 * (laplace.variance / n).squareRoot())
    // The fourth moment of discrete Laplace noise is at most 7 variance² at these scales.
    #expect((variance / laplace.variance - 1).magnitude < 6 * (6 / n).squareRoot())
    // Neighbours do not depend on each other.
    let product = zip(samples, samples.dropFirst()).reduce(0.0) { $0 + $1.0 * $1.1 } / n
    #expect(product.magnitude < 6 * laplace.variance / n.squareRoot())
  }

  /// z-test at 6 deviations: a false failure at most once in 1e8 runs.
  @Test func `released integers are clipped, unbiased, and travel within their bits`() throws {
    var ledger = BudgetLedger(budget: try .value(epsilon: 1))
    let bounds = try IntegerBounds(-20...80)
    let laplace = try DiscreteLaplace(sensitivity: 100, epsilon: 1)
    let count = 100_000
    for (value, clipped) in [(30, 30), (-1000, -20), (.max, 80)] {
      let released = try ledger.release(
        ClippedIntegers([Int](repeating: value, count: count), bounds: bounds),
        through: laplace, as: "\(value)")
      let mean = released.estimates().reduce(0.0) { $0 + Double($1) } / Double(count)
      #expect(
        (mean - Double(clipped)).magnitude < 6 * (laplace.variance / Double(count)).squareRoot())
      #expect(released.worstNoiseVariance == laplace.variance)
      // 2^13 is 45 scales of 100 or more: 100 + 2 (2^13 - 1) + 1 outputs.
      #expect(released.encoding.bitsPerOutput == 15)
      #expect(
        try released.encoding.unpack(released.packedBytes(), count: count) == released.outputs)
    }
    #expect(ledger.expenditures.allSatisfy { $0.epsilon == laplace.epsilon })
    let other = ReleaseEncoding.integers(laplace, bounds: try IntegerBounds(-21...79))
    let packed = PackedRelease(
      try ledger.release(ClippedIntegers([1], bounds: bounds), through: laplace, as: "one"))
    #expect(throws: PrivacyError.self) {
      try packed.received(as: "one", encoding: other, count: 1)
    }
  }

  @Test func `outputs that the mechanism can't give are refused`() throws {
    let encoding = ReleaseEncoding.integers(
      try DiscreteLaplace(sensitivity: 1, scale: 1, over: 10), bounds: try IntegerBounds(5...6))
    // 2^3 is 45 scales or more: 5 - 7 ... 6 + 7, 16 outputs.
    #expect(encoding.bitsPerOutput == 4)
    #expect(try encoding.unpack([0xF0], count: 2) == [-2, 13])
    let wider = ReleaseEncoding.integers(
      try DiscreteLaplace(sensitivity: 2, scale: 1, over: 10), bounds: try IntegerBounds(5...7))
    #expect(throws: PrivacyError.outputOutOfRange(position: 1)) {
      try wider.unpack([0b0010_0000, 0b10], count: 2)
    }
  }

  @Test func `the widest noise fits`() throws {
    let limit = 1 << 30
    let laplace = try DiscreteLaplace(sensitivity: 1 << 24, scale: 1 << 24, over: 1)
    var noise = NoiseStream(reproducibleKey: [UInt8](repeating: 53, count: 32))
    for range in [limit - (1 << 24)...limit, -limit...(-limit + 1 << 24)] {
      let bounds = try IntegerBounds(range)
      let encoding = ReleaseEncoding.integers(laplace, bounds: bounds)
      let values = ClippedIntegers([.min, .max], bounds: bounds).values
      let outputs = try laplace.sample(values, within: bounds, noise: &noise)
      #expect(encoding.bitsPerOutput == 32)
      #expect(zip(values, outputs).allSatisfy { abs(Int($0) - Int($1)) < 45 << 24 })
    }
  }

  @Test func `bounds wider than the sensitivity are refused, and cost nothing`() throws {
    var ledger = BudgetLedger(budget: nil)
    let laplace = try DiscreteLaplace(sensitivity: 9, epsilon: 1)
    #expect(throws: PrivacyError.domainTooWide(width: 10, sensitivity: 9)) {
      try ledger.release(
        ClippedIntegers([1], bounds: IntegerBounds(0...10)), through: laplace, as: "ages")
    }
    #expect(ledger.expenditures.isEmpty)
    _ = try ledger.release(
      ClippedIntegers([1], bounds: IntegerBounds(0...9)), through: laplace, as: "ages")
  }

  @Test func `domains and scales out of range can't be made`() {
    let limit = 1 << 30
    for range in [0...0, 5...5, -limit - 1...0, 0...(limit + 1), Int.min...Int.max] {
      #expect(throws: PrivacyError.self) { try IntegerBounds(range) }
    }
    for sensitivity in [Int.min, -1, 0, limit + 1, .max] {
      #expect(throws: PrivacyError.sensitivityOutOfRange(sensitivity, greatest: limit)) {
        try DiscreteLaplace(sensitivity: sensitivity, epsilon: 1)
      }
      #expect(throws: PrivacyError.sensitivityOutOfRange(sensitivity, greatest: limit)) {
        try DiscreteLaplace(sensitivity: sensitivity, scale: 1, over: 1)
      }
    }
    for (numerator, denominator) in [
      (0, 1), (1, 0), (-1, 1), (1, -1), (.min, .min), (1, .max), (1 << 24 + 1, 1), (.max, 1),
      (.max, 1 << 38), (1001, 1), (1, 21),
    ] {
      #expect(throws: PrivacyError.self) {
        try DiscreteLaplace(sensitivity: 1, scale: numerator, over: denominator)
      }
    }
  }
}
