/// Natural numbers j with probabilities proportional to exp(-j^2 n / d), and a fair sign, from one
/// word.
///
/// The half line is cut into cells of integer width, at a scale of 2^52 (fewer digits in tests,
/// where the rare paths so become common):
///
///     cell j < last:  0 ... above[j],   above[j] >= 2^52 e^-(j^2 n / d) >= sure[j]
///     last cell:      1, for all j >= last together
///
/// A uniform position in all cells is kept when it is below `sure[j]`, and otherwise compared with
/// the exponential exactly, position and further digits being one uniform real number
/// (``ExponentialTrial``). So j is kept with a weight of exactly 2^52 e^-(j^2 n / d). In the last
/// cell j = last + i is proposed with weight 2^-(i + 1) and kept with probability
/// 2^(52 + i + 1) e^-(j^2 n / d), which is at most 1 by the choice of `last`: the same weight. No
/// part of the infinite support is cut off.
package struct GaussianBlocks: Sendable {
  package static let scaleBits = 52
  private static let guideBits = 11
  /// ln 2 rounded up.
  private static let logarithmOfTwo = 0.6931471805599454

  private let scaleBits: Int
  private let numerator: UInt128
  private let denominator: UInt128
  private let last: Int
  /// Where each cell starts; of shape `[last + 2]`.
  private let starts: [UInt64]
  /// The part of each cell that is kept without comparing; of shape `[last + 1]`.
  private let sure: [UInt64]
  /// The cell in which each of 2^11 equal parts of all positions starts.
  private let guide: [UInt16]
  private let guideShift: UInt64
  /// Twice the positions: the lowest digit is the sign.
  private let uniform: UniformRange

  /// - Parameters:
  ///   - numerator: n, at least 1.
  ///   - denominator: d; n / d is from 2^-9 to 2^4.
  ///   - decidesInIntegers: Whether nothing is kept without comparing, for tests.
  ///   - scaleBits: The scale's digits, from 1 to 52.
  init(
    numerator: UInt128, denominator: UInt128, decidesInIntegers: Bool,
    scaleBits: Int = scaleBits
  ) {
    precondition(scaleBits >= 1 && scaleBits <= Self.scaleBits)
    self.scaleBits = scaleBits
    self.numerator = numerator
    self.denominator = denominator
    let ratio = Double(numerator) / Double(denominator)
    // The least j from which (52 + i + 1) ln 2 <= (j + i)^2 n / d for every i >= 0, by the value
    // at i = 0 and the slope; 1e-9 is above the rounding of `ratio`.
    var last = 1
    while Double(last * last) * ratio * (1 - 1e-9) < Double(scaleBits + 1)
      * Self.logarithmOfTwo
      || 2 * Double(last) * ratio * (1 - 1e-9) < Self.logarithmOfTwo
    { last += 1 }
    self.last = last
    var starts: [UInt64] = [0]
    var sure: [UInt64] = []
    for block in 0..<last {
      let bounds = Self.bounds(
        UInt128(block * block) * numerator, denominator, scaleBits: scaleBits)
      sure.append(decidesInIntegers ? 0 : bounds.lower)
      starts.append(starts[block] + bounds.upper)
    }
    sure.append(0)
    starts.append(starts[last] + 1)
    self.starts = starts
    self.sure = sure
    let total = starts[last + 1]
    uniform = UniformRange(2 * total)
    let totalBits = 64 - total.leadingZeroBitCount
    let guideShift = UInt64(max(0, totalBits - Self.guideBits))
    self.guideShift = guideShift
    var cell = 0
    guide = (0...(total >> guideShift)).map { part in
      while cell < last, starts[cell + 1] <= part << guideShift { cell += 1 }
      return UInt16(cell)
    }
  }

  /// - Returns: j and the sign, 1 for a negative one; nil when the candidate is rejected.
  @inline(__always)
  func draw(from noise: inout NoiseStream) throws -> (block: Int, sign: UInt64)? {
    let pick = try uniform.draw(from: &noise)
    let position = pick >> 1
    var cell = Int(guide[Int(position >> guideShift)])
    while position >= starts[cell &+ 1] { cell &+= 1 }
    let offset = position &- starts[cell]
    if offset < sure[cell] { return (cell, pick & 1) }
    guard let block = try compared(cell, offset: offset, noise: &noise) else { return nil }
    return (block, pick & 1)
  }

  @inline(never)
  private func compared(
    _ cell: Int, offset: UInt64, noise: inout NoiseStream
  ) throws -> Int? {
    var block = cell
    var bits = scaleBits
    if cell == last {
      bits += 1
      while try noise.next() & 1 == 1 {
        block += 1
        bits += 1
      }
    }
    let isKept = try ExponentialTrial.isBelow(
      prefix: offset, bits: bits, numerator: UInt128(block * block) * numerator,
      denominator: denominator, noise: &noise)
    return isKept ? block : nil
  }

  /// Integers around 2^scaleBits e^-(n / d): libm's guess, moved apart until the comparison in integers
  /// shows that they are bounds.
  private static func bounds(
    _ numerator: UInt128, _ denominator: UInt128, scaleBits: Int
  ) -> (lower: UInt64, upper: UInt64) {
    let scale = UInt64(1) << UInt64(scaleBits)
    if numerator == 0 { return (scale, scale) }
    let value = ExponentialInterval(numerator, over: denominator, fractionLimbs: 1)
    let one = LongNatural.power(ofTwo: scaleBits + value.fractionBits)
    let guess = UInt64(exponential(-Double(numerator) / Double(denominator)) * Double(scale))
    var slack: UInt64 = 1
    while true {
      let lower = guess - min(guess, slack)
      let upper = min(scale, guess + slack)
      // lower e^x <= 2^scaleBits <= upper e^x.
      if value.upper.times([UInt128(lower)]).isAtMost(one),
        one.isAtMost(value.lower.times([UInt128(upper)]))
      {
        return (lower, upper)
      }
      slack *= 2
    }
  }
}
