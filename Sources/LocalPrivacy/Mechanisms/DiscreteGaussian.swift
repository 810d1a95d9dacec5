/// The discrete Gaussian distribution on the integers, drawn from exactly.
///
///     P(x) proportional to exp(-x^2 / (2 variance)),   variance = numerator / denominator
///
/// Canonne, Kamath, Steinke 2020, Definition 1. Deviation from their Algorithm 3: the proposal
/// is not a discrete Laplace but one that is nearly a Gaussian already, after Karney 2016,
/// "Sampling exactly from the normal distribution", Algorithm D. With a block width w and
/// |x| = j w + r, 0 <= r < w,
///
///     exp(-x^2 / 2 v) = exp(-j^2 w^2 / 2 v)  exp(-r (2 j w + r) / 2 v)
///
/// so j is drawn in proportion to the first factor (`GaussianBlocks`), r uniformly and the
/// sign evenly; the candidate is kept with the second factor's probability, and -0 is rejected.
/// w is about an eighth of the deviation, so that one candidate in twenty is rejected.
///
/// The second factor's event is that a uniform real number X is below e^-g, g = r (2 j w + r) / 2 v.
/// X is known by its first binary digits, 64 of them, or 32 where r takes no more than the other half
/// of a word. First `Double` compares: by 1 - g <= e^-g <= 1 - g + g^2 / 2, then by `estimate`, which
/// is within 2^-40 of e^-g (see there). X is within 2^-53 or 2^-32 of its digits, so that a
/// gap of more than 2^-39 or 2^-31 decides as the exact comparison would. Otherwise, once in 10^9
/// candidates at most, `ExponentialTrial` decides in integers. No floating-point number so changes a
/// sample.
///
/// The time depends on the noise, never on what the noise is added to.
///
/// - Domain: integers, in vectors; a ``NoiseGrant`` adds the noise.
/// - Neighbours: two vectors that are at most the sensitivity apart.
/// - Sensitivity: L2, after rounding to the grid.
/// - Loss: zero-concentrated, ``rho(squaredSensitivity:)``. As a loss about records it is that of
///   continuous noise of a slightly smaller variance, which is proved beside `GaussianGrid`.
/// - Variance: ``variance``, never above numerator / denominator.
/// - Proof: Canonne, Kamath, Steinke 2020, Theorem 4 and Corollary 9.
public struct DiscreteGaussian: Sendable {
  /// The gaps below which floating point does not decide: with a whole word of X and with half of one.
  private static let provenMargin = 0x1p-39
  private static let narrowMargin = 0x1p-31
  /// Up to here a word gives r and X together, and the half for r is rejected once in 2^8 at most.
  private static let greatestNarrowWidth: UInt64 = 1 << 24

  package let numerator: UInt128
  package let denominator: UInt128
  /// w.
  private let width: UInt64
  private let withinBlock: UniformRange
  /// Whether a word gives r and X together.
  private let isNarrow: Bool
  /// 2^32 mod w.
  private let narrowThreshold: UInt64
  private let blocks: GaussianBlocks
  /// 1 / 2 v, within 2^-51 of itself.
  private let halfPrecision: Double
  private let margin: Double

  /// - Parameters:
  ///   - numerator: At most 2^81.
  ///   - denominator: From 1 to 2^16; the variance is from 1/16 to 2^81.
  ///   - decidesInIntegers: Whether every comparison is made in integers, for tests: the samples
  ///     are the same for every stream.
  ///   - scaleBits: The digits of the blocks' weights, from 1 to 52; few of them in tests, so
  ///     that most comparisons fall through to exact ones.
  package init(
    variance numerator: UInt128, over denominator: UInt128 = 1, decidesInIntegers: Bool = false,
    scaleBits: Int = GaussianBlocks.scaleBits
  ) {
    precondition(denominator >= 1 && denominator <= 1 << 16)
    precondition(numerator <= UInt128(1) << 81 && 16 * numerator >= denominator)
    self.numerator = numerator
    self.denominator = denominator
    let deviation = (Double(numerator) / Double(denominator)).squareRoot()
    width = max(1, UInt64(deviation / 8))
    withinBlock = UniformRange(width)
    isNarrow = width <= Self.greatestNarrowWidth
    narrowThreshold = (1 << 32) % width
    halfPrecision = Double(denominator) / (2 * Double(numerator))
    margin = decidesInIntegers ? 2 : isNarrow ? Self.narrowMargin : Self.provenMargin
    blocks = GaussianBlocks(
      numerator: UInt128(width) * UInt128(width) * denominator, denominator: 2 * numerator,
      decidesInIntegers: decidesInIntegers, scaleBits: scaleBits)
  }

  /// - Returns: Independent samples, of shape `[count]`.
  /// - Throws: ``PrivacyError/randomnessUnavailable``.
  /// - Complexity: O(count) expected.
  package func sample(count: Int, noise: inout NoiseStream) throws -> [Int64] {
    try [Int64](unsafeUninitializedCapacity: count) { buffer, initialized in
      try fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]), noise: &noise)
      initialized = count
    }
  }

  /// Initializes all of the buffer to independent samples.
  func fill(_ buffer: UnsafeMutableBufferPointer<Int64>, noise: inout NoiseStream) throws {
    for index in buffer.indices { buffer.initializeElement(at: index, to: try next(&noise)) }
  }

  @inline(__always)
  private func next(_ noise: inout NoiseStream) throws -> Int64 {
    while true {
      guard let (block, sign) = try blocks.draw(from: &noise) else { continue }
      let start = UInt64(block) &* width
      var magnitude = start
      if width > 1 {
        guard let remainder = try remainder(from: start, noise: &noise) else { continue }
        magnitude &+= remainder
      }
      if magnitude == 0, sign == 1 { continue }
      // Negated without a branch, which would be foreseen wrongly half the time.
      return Int64(bitPattern: (magnitude ^ (0 &- sign)) &+ sign)
    }
  }

  /// - Returns: r, in proportion to exp(-r (2 start + r) / 2 v); nil when the candidate is rejected.
  @inline(__always)
  private func remainder(from start: UInt64, noise: inout NoiseStream) throws -> UInt64? {
    if isNarrow {
      // Lemire 2019 (see ``UniformRange``) with half a word.
      let word = try noise.next()
      let product = (word >> 32) &* width
      let prefix = word & 0xFFFF_FFFF
      guard product & 0xFFFF_FFFF >= narrowThreshold,
        try isKept(
          product >> 32, from: start, prefix: prefix, bits: 32,
          uniform: Double(Int64(bitPattern: prefix)) * 0x1p-32, noise: &noise)
      else { return nil }
      return product >> 32
    }
    let remainder = try withinBlock.draw(from: &noise)
    let prefix = try noise.next()
    let isKept = try isKept(
      remainder, from: start, prefix: prefix, bits: 64,
      uniform: Double(Int64(bitPattern: prefix >> 11)) * 0x1p-53, noise: &noise)
    return isKept ? remainder : nil
  }

  /// An event of probability exp(-r (2 start + r) / 2 v).
  ///
  /// - Parameters:
  ///   - prefix: The first digits of X, of which there are `bits`.
  ///   - uniform: X as a floating-point number.
  @inline(__always)
  private func isKept(
    _ remainder: UInt64, from start: UInt64, prefix: UInt64, bits: Int, uniform: Double,
    noise: inout NoiseStream
  ) throws -> Bool {
    let span = 2 &* start &+ remainder
    // Both are below 2^53; signed numbers are converted in one instruction, unsigned ones are not.
    let exponent =
      Double(Int64(bitPattern: remainder)) * Double(Int64(bitPattern: span)) * halfPrecision
    // 1 - g <= e^-g <= 1 - g + g^2 / 2: nearly all words are decided here.
    let lower = 1 - exponent
    if uniform < lower - margin { return true }
    if uniform > lower + 0.5 * exponent * exponent + margin { return false }
    if exponent <= 4 {
      let gap = Self.estimate(exponent) - uniform
      if gap > margin { return true }
      if gap < -margin { return false }
    }
    return try ExponentialTrial.isBelow(
      prefix: prefix, bits: bits, numerator: UInt128(remainder) * UInt128(span) * denominator,
      denominator: 2 * numerator, noise: &noise)
  }

  /// e^-g within 2^-40, for 0 <= g <= 4 that is itself within 2^-47 of the exact exponent.
  ///
  /// Thirty terms of Taylor's series: those left out are below 4^30 / 30! < 2^-47. The k-th
  /// computed term is within 2 k 2^-53 of itself, which sums to at most 2^-52 x 4 e^4 < 2^-44, and
  /// the thirty sums, none above 4^4 / 4! x 2 < 2^5, are within 30 x 2^-48 < 2^-43. An exponent that
  /// is off by 2^-47 moves e^-g by no more. (Three roundings of relative 2^-53 and the 2^-51 of
  /// `halfPrecision` keep an exponent of at most 4 within 2^-48; span and remainder are below
  /// 2^53 and exact.)
  private static func estimate(_ exponent: Double) -> Double {
    var term = 1.0
    var sum = 1.0
    for order in 1..<30 {
      term *= -exponent / Double(order)
      sum += term
    }
    return sum
  }
}
