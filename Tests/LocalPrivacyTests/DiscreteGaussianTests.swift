import BigInt
import Foundation
import LocalPrivacy
import Testing

@Suite struct DiscreteGaussianTests {
  static func stream(_ byte: UInt8) -> NoiseStream {
    NoiseStream(reproducibleKey: [UInt8](repeating: byte, count: 32))
  }

  static func magnitude(_ number: LongNatural) -> BigInt {
    number.limbs.reversed().reduce(BigInt(0)) { ($0 << 128) + BigInt($1) }
  }

  /// Exact probabilities, to rounding: the weights are summed until they vanish.
  static func probabilities(variance: Double, within bound: Int) -> [Double] {
    func weight(_ x: Int) -> Double { exp(-Double(x * x) / (2 * variance)) }
    let reach = Int(40 * variance.squareRoot()) + 2
    let total = (-reach...reach).reduce(0.0) { $0 + weight($1) }
    return (-bound...bound).map { weight($0) / total }
  }

  /// The chi-square statistic's normal score (Wilson, Hilferty 1931) over cells with at least ten
  /// expected samples; the others are one cell.
  static func score(_ samples: [Int64], variance: Double) -> Double {
    let bound = Int(12 * variance.squareRoot()) + 3
    var counts = [Double](repeating: 0, count: 2 * bound + 1)
    var rest = 0.0
    for sample in samples {
      if sample.magnitude > UInt64(bound) { rest += 1 } else { counts[Int(sample) + bound] += 1 }
    }
    let n = Double(samples.count)
    var statistic = 0.0
    var cells = 0.0
    var expectedRest = n
    for (count, probability) in zip(counts, probabilities(variance: variance, within: bound)) {
      let expected = n * probability
      if expected < 10 {
        rest += count
      } else {
        statistic += (count - expected) * (count - expected) / expected
        expectedRest -= expected
        cells += 1
      }
    }
    if expectedRest >= 10 {
      statistic += (rest - expectedRest) * (rest - expectedRest) / expectedRest
      cells += 1
    }
    let freedom = cells - 1
    return (cbrt(statistic / freedom) - (1 - 2 / (9 * freedom))) / (2 / (9 * freedom)).squareRoot()
  }

  /// Scores above 6 come up in fewer than 1e-8 of all keys; the keys are fixed besides.
  @Test(
    arguments: [
      (1, 4), (1, 1), (3, 2), (5, 1), (63, 1), (64, 1), (100, 1), (257, 1), (1000, 1), (40_000, 1),
    ] as [(UInt128, UInt128)])
  func `a million samples have the exact probabilities`(
    numerator: UInt128, denominator: UInt128
  ) throws {
    var noise = Self.stream(11)
    let samples = try DiscreteGaussian(variance: numerator, over: denominator)
      .sample(count: 1_000_000, noise: &noise)
    #expect(Self.score(samples, variance: Double(numerator) / Double(denominator)) < 6)
  }

  /// With a scale of 1 to 3 digits almost every candidate is compared with further digits, and
  /// the open last cell is often hit.
  @Test(arguments: [1, 2, 3, 8], [1, 9, 70, 600] as [UInt128])
  func `the exact comparisons alone give the exact probabilities`(
    scaleBits: Int, variance: UInt128
  ) throws {
    var noise = Self.stream(12)
    let samples = try DiscreteGaussian(
      variance: variance, decidesInIntegers: true, scaleBits: scaleBits
    ).sample(count: 10_000, noise: &noise)
    #expect(Self.score(samples, variance: Double(variance)) < 6)
  }

  @Test func `floating point changes no sample`() throws {
    for (numerator, denominator) in [
      (1, 4), (5, 1), (70, 3), (4097, 16), (1 << 20, 1), ((1 << 56) + 4, 1), (1 << 80, 1),
    ] as [(UInt128, UInt128)] {
      var noise = Self.stream(13)
      var same = Self.stream(13)
      let fast = try DiscreteGaussian(variance: numerator, over: denominator)
        .sample(count: 5000, noise: &noise)
      let exact = try DiscreteGaussian(
        variance: numerator, over: denominator, decidesInIntegers: true
      ).sample(count: 5000, noise: &same)
      let next = try noise.next()
      let nextSame = try same.next()
      #expect(fast == exact, "variance \(numerator) / \(denominator)")
      #expect(next == nextSame, "both must have read the same number of words")
    }
  }

  /// z-tests at 6 deviations: false failures in fewer than 3e-8 of all keys, which are fixed.
  @Test(arguments: [0x1p20, 0x1p56, 0x1p80])
  func `wide noise has the moments of a Gaussian and is symmetric`(variance: Double) throws {
    var noise = Self.stream(14)
    let count = 1_000_000
    let samples = try DiscreteGaussian(variance: UInt128(variance))
      .sample(count: count, noise: &noise)
    let scaled = samples.map { Double($0) / variance.squareRoot() }
    let n = Double(count)
    func moment(_ power: Double) -> Double { scaled.reduce(0) { $0 + pow($1, power) } / n }
    // The variances of x, x^2, x^3, x^4 of a standard normal variable are 1, 2, 15, 96.
    #expect(moment(1).magnitude < 6 * (1 / n).squareRoot())
    #expect((moment(2) - 1).magnitude < 6 * (2 / n).squareRoot())
    #expect(moment(3).magnitude < 6 * (15 / n).squareRoot())
    #expect((moment(4) - 3).magnitude < 6 * (96 / n).squareRoot())
    let odd = Double(samples.count { $0 & 1 == 1 }) / n
    #expect((odd - 0.5).magnitude < 6 * (0.25 / n).squareRoot())
  }

  /// z-tests at 6.5 deviations: a false failure in one of 10^9 runs.
  @Test func `threads draw parts of their own, none like another`() throws {
    let count = 200_000
    let distribution = DiscreteGaussian(variance: 1 << 40)
    let samples = try distribution.sampleConcurrently(count: count)
    #expect(samples.count == count)
    let scaled = samples.map { Double($0) * 0x1p-20 }
    let n = Double(count)
    func mean(_ value: (Int) -> Double) -> Double { (0..<count).reduce(0) { $0 + value($1) } / n }
    #expect(mean { scaled[$0] }.magnitude < 6.5 * (1 / n).squareRoot())
    #expect((mean { scaled[$0] * scaled[$0] } - 1).magnitude < 6.5 * (2 / n).squareRoot())
    for parts in 2...8 {
      // Equal streams would make numbers at equal places of two parts equal.
      let shift = count / parts
      let product = mean { scaled[$0] * scaled[($0 + shift) % count] }
      #expect(product.magnitude < 6.5 * (1 / n).squareRoot())
    }
    // No two of a part's first eight numbers repeat at another part's start.
    for parts in 2...8 {
      let starts = (0..<parts).map { Array(samples[($0 * count / parts)...].prefix(8)) }
      #expect(Set(starts).count == parts)
    }
    #expect(try distribution.sampleConcurrently(count: 0).isEmpty)
    #expect(try distribution.sampleConcurrently(count: 1).count == 1)
  }

  @Test func `the interval holds the exponential, and is narrow`() {
    let cases: [(UInt128, UInt128)] = [
      (1, 1 << 90), (1, 3), (1, 1), (355, 113), (20, 1), (61, 1), (700, 1),
      (UInt128(1) << 126 - 1, UInt128(1) << 125 + 7),
    ]
    for (numerator, denominator) in cases {
      for limbs in 1...3 {
        let interval = ExponentialInterval(numerator, over: denominator, fractionLimbs: limbs)
        var term = BigInt(1) << 800
        var sum = term
        var order = BigInt(1)
        while term > 0 {
          term = term * BigInt(numerator) / (BigInt(denominator) * order)
          sum += term
          order += 1
        }
        let shift = BigInt(1) << (800 - interval.fractionBits)
        let lower = Self.magnitude(interval.lower)
        let upper = Self.magnitude(interval.upper)
        #expect(lower * shift <= sum + (BigInt(1) << 200))
        #expect(upper * shift > sum)
        // 2^-110 of itself with one limb.
        #expect((upper - lower) << (128 * limbs - 18) < lower << 8)
      }
    }
  }

  /// A cell that holds the bound is kept in part; z-test at 6 deviations, false failures in fewer
  /// than 1e-8 of all keys.
  @Test func `a digit string that straddles the bound is continued fairly`() throws {
    var noise = Self.stream(15)
    let count = 20_000
    for (bits, numerator, denominator) in [(0, 1, 2), (1, 1, 2), (4, 5, 3), (10, 2, 7)]
      as [(Int, UInt128, UInt128)]
    {
      let bound = exp(-Double(numerator) / Double(denominator)) * Double(1 << bits)
      let prefix = UInt64(bound)
      let expected = bound - Double(prefix)
      var kept = 0.0
      for _ in 0..<count {
        let isBelow = try ExponentialTrial.isBelow(
          prefix: prefix, bits: bits, numerator: numerator, denominator: denominator,
          noise: &noise)
        if isBelow { kept += 1 }
      }
      let deviation = (expected * (1 - expected) / Double(count)).squareRoot()
      #expect((kept / Double(count) - expected).magnitude < 6 * deviation)
    }
  }
}
