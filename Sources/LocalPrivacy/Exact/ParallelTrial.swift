/// Four times 64 independent events at a time, those of each of four probabilities p, decided exactly.
///
///     event i:  X_i < p,   X_i independent and uniform in [0, 1)
///
/// A word of noise is the next binary digit of 64 X_i. The first digit in which X_i differs from p
/// decides lane i; so do nine or ten words for each p decide all lanes (log2 256 + 4/3 expected). A
/// lane that agrees with p in all its digits that are kept, one in 2^64, is decided by what is left of
/// p, in integers. How many words are drawn depends on them and on the public p only, never on a
/// private value.
///
/// Von Neumann 1951, "Various techniques used in connection with random digits", compares digits so
/// for one event.
package struct ParallelTrial: Hashable, Sendable {
  package enum Probability: Hashable, Sendable {
    /// n / d, with n < d.
    case rational(UInt64, over: UInt64)
    /// e^-(n / d), with n > 0.
    case exponential(UInt128, over: UInt128)
    /// 1 / (1 + e^(n / d)), with n > 0.
    case logistic(UInt128, over: UInt128)
  }

  /// Four times 64 numbers X_i, as far as they were compared with p.
  package struct Lanes {
    /// Those below p.
    package private(set) var events = SIMD4<UInt64>(repeating: 0)
    /// Those that have no other digits than p yet.
    package private(set) var undecided = SIMD4<UInt64>(repeating: .max)

    package init() {}

    @inline(__always)
    var areDecided: Bool { undecided[0] | undecided[1] | undecided[2] | undecided[3] == 0 }

    /// - Parameters:
    ///   - digits: The next digit of every X_i.
    ///   - digit: That of each p in all 64 bits: 0 or `.max`.
    @inline(__always)
    package mutating func compare(_ digits: SIMD4<UInt64>, with digit: SIMD4<UInt64>) {
      events |= undecided & digit & ~digits
      undecided &= ~(digits ^ digit)
    }
  }

  /// Fewer words than this hardly ever decide 256 lanes.
  private static let firstDigits = 7

  /// Four of them.
  private let probabilities: [Probability]
  /// floor(p 2^digitCount) of each p.
  package let prefixes: SIMD4<UInt64>
  private let digitCount: Int

  package init(_ probability: Probability, digitCount: Int = 64) {
    self.init([Probability](repeating: probability, count: 4), digitCount: digitCount)
  }

  /// - Parameters:
  ///   - probabilities: Four of them.
  ///   - digitCount: The digits of p that mostly decide, from 1 to 64; few of them in tests.
  package init(_ probabilities: [Probability], digitCount: Int = 64) {
    precondition(probabilities.count == 4 && digitCount >= 1 && digitCount <= 64)
    self.probabilities = probabilities
    self.digitCount = digitCount
    prefixes = SIMD4(probabilities.map { $0.prefix(bits: digitCount) })
  }

  /// - Returns: Four words of 64 bits, each bit 1 with the probability of its word.
  /// - Throws: ``PrivacyError/randomnessUnavailable``.
  @inline(__always)
  package func draw(from noise: inout NoiseStream) throws -> SIMD4<UInt64> {
    var lanes = Lanes()
    var rest = prefixes &<< UInt64(64 &- digitCount)
    for digit in 0..<digitCount {
      lanes.compare(try noise.nextFour(), with: 0 &- (rest &>> 63))
      if digit >= Self.firstDigits, lanes.areDecided { return lanes.events }
      rest &<<= 1
    }
    return try decided(lanes, noise: &noise)
  }

  /// The events once those of the undecided lanes are drawn, for which X_i begins with p's digits.
  @inline(never)
  private func decided(_ lanes: Lanes, noise: inout NoiseStream) throws -> SIMD4<UInt64> {
    var events = lanes.events
    for (index, probability) in probabilities.enumerated() {
      for lane in UInt64(0)..<64 where lanes.undecided[index] >> lane & 1 == 1 {
        let isBelow = try probability.isAbove(
          prefix: prefixes[index], bits: digitCount, noise: &noise)
        if isBelow { events[index] |= 1 << lane }
      }
    }
    return events
  }
}

extension ParallelTrial.Probability {
  /// floor(p 2^bits), which is below 2^bits.
  fileprivate func prefix(bits: Int) -> UInt64 {
    switch self {
    case .rational(let numerator, let denominator):
      precondition(numerator < denominator)
      return UInt64((UInt128(numerator) << UInt128(bits)) / UInt128(denominator))
    case .exponential(let numerator, let denominator):
      return ExponentialTrial.prefix(
        numerator: numerator, denominator: denominator, plus: 0, bits: bits)
    case .logistic(let numerator, let denominator):
      return ExponentialTrial.prefix(
        numerator: numerator, denominator: denominator, plus: 1, bits: bits)
    }
  }

  /// Whether p is above a number that begins with its own digits.
  fileprivate func isAbove(
    prefix: UInt64, bits: Int, noise: inout NoiseStream
  ) throws -> Bool {
    switch self {
    case .rational(let numerator, let denominator):
      let rest = (UInt128(numerator) << UInt128(bits)) % UInt128(denominator)
      return try UniformRange(denominator).draw(from: &noise) < UInt64(rest)
    case .exponential(let numerator, let denominator):
      return try ExponentialTrial.isBelow(
        prefix: prefix, bits: bits, numerator: numerator, denominator: denominator, noise: &noise)
    case .logistic(let numerator, let denominator):
      return try ExponentialTrial.isBelow(
        prefix: prefix, bits: bits, numerator: numerator, denominator: denominator, plus: 1,
        noise: &noise)
    }
  }
}
