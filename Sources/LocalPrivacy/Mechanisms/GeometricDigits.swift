/// Geometric variables on 0, 1, 2, ..., drawn exactly, digit by digit and 64 at a time.
///
///     P(m) proportional to e^-(m n / d)
///
/// With m = sum of b[i] 2^i + 2^I j the weight is a product, so that the binary digits are independent:
///
///     P(b[i] = 1) = 1 / (1 + e^(2^i n / d)),   i < I
///     P(j)        proportional to e^-(j 2^I n / d)
///
/// Each digit is a ``ParallelTrial``; j is 0 but for a probability of e^-(2^I n / d), and counts how
/// often an event of that probability goes on. No part of the infinite support is cut off. In place of
/// the proposals of Canonne, Kamath, Steinke 2020, Algorithm 2, this rejects nothing.
package struct GeometricDigits: Hashable, Sendable {
  /// Words that ``draw(into:noise:)`` fills, with two lanes each.
  static let rowCount = 32
  static let laneCount = 64

  /// I: all of m but 2^I j.
  package let count: Int
  /// 2^I n.
  private let numerator: UInt128
  /// d.
  private let denominator: UInt128
  /// The digits, a fair bit, j >= 1, and what fills up the last four.
  private let trials: [ParallelTrial]

  /// - Parameters:
  ///   - numerator: n, at least 1; 2^count n is below 2^127.
  ///   - denominator: d, at least 1.
  ///   - count: I, from 1 to 30.
  ///   - digitCount: The digits of each probability that mostly decide; few of them in tests.
  package init(
    _ numerator: UInt128, over denominator: UInt128, count: Int, digitCount: Int = 64
  ) {
    precondition(count >= 1 && count <= Self.rowCount - 2)
    self.count = count
    self.numerator = numerator << UInt128(count)
    self.denominator = denominator
    var probabilities = (0..<count).map {
      ParallelTrial.Probability.logistic(numerator << UInt128($0), over: denominator)
    }
    probabilities.append(.rational(1, over: 2))
    probabilities.append(.exponential(numerator << UInt128(count), over: denominator))
    while probabilities.count % 4 != 0 { probabilities.append(.rational(0, over: 1)) }
    trials = stride(from: 0, to: probabilities.count, by: 4).map {
      ParallelTrial(Array(probabilities[$0..<($0 + 4)]), digitCount: digitCount)
    }
  }

  /// The first digits of P(b[i] = 1), of shape `[count]`, and of P(j >= 1).
  package var prefixes: (digits: [UInt64], beyond: UInt64) {
    let all = trials.flatMap { trial in (0..<4).map { trial.prefixes[$0] } }
    return (Array(all[..<count]), all[count + 1])
  }

  /// Draws 64 variables and an independent fair bit for each.
  ///
  /// - Parameter rows: Of shape `[32]`: afterwards lane i < 32 in the low half of row i and lane 32 + i
  ///   in its high half, each the fair bit 2^31 plus m - 2^I j.
  /// - Returns: The lanes for which j is not 0, each a bit.
  @inline(__always)
  func draw(
    into rows: UnsafeMutableBufferPointer<UInt64>, noise: inout NoiseStream
  ) throws -> UInt64 {
    for index in trials.indices {
      let events = try trials[index].draw(from: &noise)
      for part in 0..<4 { rows[4 &* index &+ part] = events[part] }
    }
    let (fair, beyond) = (rows[count], rows[count &+ 1])
    for index in count..<(Self.rowCount - 1) { rows[index] = 0 }
    rows[Self.rowCount - 1] = fair
    BitMatrix.transposeHalves(rows)
    return beyond
  }

  /// 2^I j, given that it is not 0.
  func quotient(from noise: inout NoiseStream) throws -> Int64 {
    var quotient: Int64 = 0
    repeat {
      quotient += 1 << Int64(count)
    } while try ExponentialTrial.isBelow(
      prefix: 0, bits: 0, numerator: numerator, denominator: denominator, noise: &noise)
    return quotient
  }
}
