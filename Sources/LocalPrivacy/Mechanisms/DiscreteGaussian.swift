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
/// so j is drawn in proportion to the first factor (``GaussianBlocks``), r uniformly and the
/// sign evenly; the candidate is kept with the second factor's probability, and -0 is rejected.
/// w is about an eighth of the deviation, so that one candidate in twenty is rejected.
///
/// The second factor's event compares a word v, as the first 64 binary digits of a uniform real
/// X, with e^-g, g = r (2 j w + r) / 2 v. First in `Double`: `estimate` is within 2^-40 of e^-g
/// (see ``estimate(_:)``) and 2^-53 floor(v / 2^11) within 2^-53 of X, so that a gap of more than
/// 2^-39 decides as the exact comparison would. Otherwise, once in 10^11 candidates,
/// ``ExponentialTrial`` decides in integers. No floating-point number so changes a sample.
///
/// The time depends on the noise, never on what the noise is added to.
package struct DiscreteGaussian: Sendable {
  /// The gap below which floating point does not decide.
  private static let provenMargin = 0x1p-39

  package let numerator: UInt128
  package let denominator: UInt128
  /// w.
  private let width: UInt64
  private let withinBlock: UniformRange
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
    halfPrecision = Double(denominator) / (2 * Double(numerator))
    margin = decidesInIntegers ? 2 : Self.provenMargin
    blocks = GaussianBlocks(
      numerator: UInt128(width) * UInt128(width) * denominator, denominator: 2 * numerator,
      decidesInIntegers: decidesInIntegers, scaleBits: scaleBits)
  }

  /// - Returns: Independent samples, of shape `[count]`.
  /// - Throws: ``PrivacyError/randomnessUnavailable``.
  /// - Complexity: O(count) expected.
  package func sample(count: Int, noise: inout NoiseStream) throws -> [Int64] {
    try [Int64](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count {
        buffer.initializeElement(at: index, to: try next(&noise))
        initialized = index + 1
      }
    }
  }

  /// Independent samples in place of all of the buffer's numbers.
  func fill(_ buffer: UnsafeMutableBufferPointer<Int64>, noise: inout NoiseStream) throws {
    for index in buffer.indices { buffer[index] = try next(&noise) }
  }

  @inline(__always)
  private func next(_ noise: inout NoiseStream) throws -> Int64 {
    while true {
      guard let (block, isNegative) = try blocks.draw(from: &noise) else { continue }
      let start = UInt64(block) &* width
      var magnitude = start
      if width > 1 {
        let remainder = try withinBlock.draw(from: &noise)
        guard try isKept(remainder, start: start, noise: &noise) else { continue }
        magnitude &+= remainder
      }
      if isNegative {
        if magnitude == 0 { continue }
        return -Int64(magnitude)
      }
      return Int64(magnitude)
    }
  }

  /// An event of probability exp(-r (2 start + r) / 2 v).
  @inline(__always)
  private func isKept(
    _ remainder: UInt64, start: UInt64, noise: inout NoiseStream
  ) throws -> Bool {
    let word = try noise.next()
    let span = 2 &* start &+ remainder
    let exponent = Double(remainder) * Double(span) * halfPrecision
    let uniform = Double(word >> 11) * 0x1p-53
    // e^-g >= 1 - g: most words are decided here.
    if uniform < 1 - exponent - margin { return true }
    if exponent <= 4 {
      let gap = Self.estimate(exponent) - uniform
      if gap > margin { return true }
      if gap < -margin { return false }
    }
    return try ExponentialTrial.isBelow(
      prefix: word, bits: 64, numerator: UInt128(remainder) * UInt128(span) * denominator,
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
