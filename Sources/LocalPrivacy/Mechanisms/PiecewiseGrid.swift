/// The Piecewise Mechanism of Wang et al. 2019 on a grid of integers, sampled exactly.
///
/// With resolution m, step, an odd width W, N = 2 m step + W points and K = (N - 1) / 2, an input
/// T in -m ... m favours a block of W points around T step, which always lies inside -K ... K:
///
///     weight(o) = favoured  for |o - T step| <= (W - 1) / 2,   other elsewhere
///     S = W favoured + (N - W) other
///
/// S does not depend on T, so the probabilities of an output under any two inputs have a ratio
/// of 1 or (favoured / other)^+-1, and E[o | T] = T step W (favoured - other) / S exactly.
package struct PiecewiseGrid: Hashable, Sendable {
  package let odds: Odds
  package let resolution: UInt64
  package let step: UInt64
  package let width: UInt64
  package let uniform: UniformRange
  private let insideWeight: UInt64
  private let byFavoured: ExactDivisor
  private let byOther: ExactDivisor

  package init(odds: Odds, resolution: UInt64, step: UInt64, width: UInt64) {
    precondition(width % 2 == 1 && resolution >= 1 && step >= 1)
    self.odds = odds
    self.resolution = resolution
    self.step = step
    self.width = width
    insideWeight = width * odds.favoured
    // Traps rather than wraps if it would not fit; for 0.001 <= epsilon <= 20 it takes 51 to 64
    // bits.
    uniform = UniformRange(insideWeight + 2 * resolution * step * odds.other)
    byFavoured = ExactDivisor(odds.favoured)
    byOther = ExactDivisor(odds.other)
  }

  /// K: outputs are in -K ... K.
  package var greatestOutput: UInt64 { resolution * step + (width - 1) / 2 }

  /// The size of an unbiased estimate: output x scale.
  var scale: Double {
    Double(uniform.bound)
      / (Double(odds.favoured - odds.other) * Double(width) * Double(step) * Double(resolution))
  }

  /// The output that the `uniform`-th unit of weight belongs to. Neither branches nor table
  /// look-ups, so that its time does not depend on the value, nor on being inside the block.
  ///
  /// - Parameters:
  ///   - gridValue: T, in -resolution ... resolution.
  ///   - uniform: Uniform in 0 ..< S.
  @inline(__always)
  package func output(_ gridValue: Int64, uniform: UInt64) -> Int32 {
    let blockStart = (UInt64(bitPattern: gridValue) &+ resolution) &* step
    let outside = isAtLeast(uniform, insideWeight)
    let insideIndex = byFavoured.quotient(uniform)
    let outsideIndex = byOther.quotient(uniform &- (insideWeight & (0 &- outside)))
    let pastBlock = outsideIndex &+ width &* isAtLeast(outsideIndex, blockStart)
    let index = select(outside, pastBlock, blockStart &+ insideIndex)
    return Int32(truncatingIfNeeded: index &- greatestOutput)
  }
}
