/// 64 independent events of one probability p at a time, each decided exactly.
///
///     event i:  X_i < p,   X_i independent and uniform in [0, 1)
///
/// A word of noise is the next binary digit of all 64 X_i. The first digit in which X_i differs from
/// p decides lane i; so do seven or eight words decide all lanes (log2 64 + 4/3 expected). A lane that
/// agrees with p in all its digits that are kept, one in 2^64, is decided by what is left of p, in
/// integers. How many words are drawn depends on them and on the public p only, never on a private
/// value.
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

  /// 64 numbers X_i, as far as they were compared with p.
  package struct Lanes {
    /// Those below p.
    package private(set) var events: UInt64 = 0
    /// Those that have no other digits than p yet.
    package private(set) var undecided: UInt64 = .max

    package init() {}

    /// - Parameters:
    ///   - digits: The next digit of every X_i.
    ///   - digit: That of p in all 64 bits: 0 or `.max`.
    @inline(__always)
    package mutating func compare(_ digits: UInt64, with digit: UInt64) {
      events |= undecided & digit & ~digits
      undecided &= ~(digits ^ digit)
    }
  }

  private let probability: Probability
  /// floor(p 2^digitCount), below 2^digitCount.
  package let prefix: UInt64
  private let digitCount: UInt64

  /// - Parameter digitCount: The digits of p that mostly decide, from 1 to 64; few of them in tests.
  package init(_ probability: Probability, digitCount: UInt64 = 64) {
    precondition(digitCount >= 1 && digitCount <= 64)
    self.probability = probability
    self.digitCount = digitCount
    switch probability {
    case .rational(let numerator, let denominator):
      precondition(numerator < denominator)
      prefix = UInt64((UInt128(numerator) << UInt128(digitCount)) / UInt128(denominator))
    case .exponential(let numerator, let denominator):
      prefix = ExponentialTrial.prefix(
        numerator: numerator, denominator: denominator, plus: 0, bits: Int(digitCount))
    case .logistic(let numerator, let denominator):
      prefix = ExponentialTrial.prefix(
        numerator: numerator, denominator: denominator, plus: 1, bits: Int(digitCount))
    }
  }

  /// - Returns: 64 bits, each 1 with probability p.
  /// - Throws: ``PrivacyError/randomnessUnavailable``.
  @inline(__always)
  package func draw(from noise: inout NoiseStream) throws -> UInt64 {
    var lanes = Lanes()
    var place = digitCount
    while place > 0 {
      place &-= 1
      lanes.compare(try noise.next(), with: 0 &- (prefix >> place & 1))
      if lanes.undecided == 0 { return lanes.events }
    }
    return try decided(lanes, noise: &noise)
  }

  /// The events once those of the undecided lanes are drawn, for which X_i begins with `prefix`.
  @inline(never)
  private func decided(_ lanes: Lanes, noise: inout NoiseStream) throws -> UInt64 {
    var events = lanes.events
    for lane in 0..<UInt64(64) where lanes.undecided >> lane & 1 == 1 {
      if try isBelow(noise: &noise) { events |= 1 << lane }
    }
    return events
  }

  private func isBelow(noise: inout NoiseStream) throws -> Bool {
    switch probability {
    case .rational(let numerator, let denominator):
      let rest = (UInt128(numerator) << UInt128(digitCount)) % UInt128(denominator)
      return try UniformRange(denominator).draw(from: &noise) < UInt64(rest)
    case .exponential(let numerator, let denominator):
      return try ExponentialTrial.isBelow(
        prefix: prefix, bits: Int(digitCount), numerator: numerator, denominator: denominator,
        noise: &noise)
    case .logistic(let numerator, let denominator):
      return try ExponentialTrial.isBelow(
        prefix: prefix, bits: Int(digitCount), numerator: numerator, denominator: denominator,
        plus: 1, noise: &noise)
    }
  }
}
