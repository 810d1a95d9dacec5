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
  /// Words that ``draw(into:quotients:noise:)`` fills.
  static let rowCount = 32
  static let laneCount = 64

  /// n.
  private let numerator: UInt128
  /// d.
  private let denominator: UInt128
  private let digits: [ParallelTrial]
  /// j >= 1.
  private let beyond: ParallelTrial

  /// - Parameters:
  ///   - numerator: n, at least 1; 2^count n is below 2^127.
  ///   - denominator: d, at least 1.
  ///   - count: I, from 1 to 31.
  ///   - digitCount: The digits of each probability that mostly decide; few of them in tests.
  package init(
    _ numerator: UInt128, over denominator: UInt128, count: Int, digitCount: UInt64 = 64
  ) {
    precondition(count >= 1 && count < Self.rowCount)
    self.numerator = numerator << UInt128(count)
    self.denominator = denominator
    digits = (0..<count).map {
      ParallelTrial(
        .logistic(numerator << UInt128($0), over: denominator), digitCount: digitCount)
    }
    beyond = ParallelTrial(
      .exponential(numerator << UInt128(count), over: denominator), digitCount: digitCount)
  }

  /// I: all of m but 2^I j.
  package var count: Int { digits.count }

  /// The first digits of P(b[i] = 1), of shape `[count]`, and of P(j >= 1).
  package var prefixes: (digits: [UInt64], beyond: UInt64) {
    (digits.map(\.prefix), beyond.prefix)
  }

  /// Draws 64 variables and an independent fair bit for each.
  ///
  /// - Parameters:
  ///   - rows: Of shape `[32]`: afterwards lane i < 32 in the low half of row i and lane 32 + i in its
  ///     high half, each the fair bit 2^31 plus m - 2^I j.
  ///   - quotients: Of shape `[64]`: afterwards 2^I j of each lane.
  @inline(__always)
  func draw(
    into rows: UnsafeMutableBufferPointer<UInt64>, quotients: UnsafeMutableBufferPointer<Int64>,
    noise: inout NoiseStream
  ) throws {
    for index in digits.indices { rows[index] = try digits[index].draw(from: &noise) }
    for index in digits.count..<31 { rows[index] = 0 }
    rows[31] = try noise.next()
    BitMatrix.transposeHalves(rows)
    quotients.update(repeating: 0)
    let further = try beyond.draw(from: &noise)
    if further != 0 { try count(further, into: quotients, noise: &noise) }
  }

  @inline(never)
  private func count(
    _ further: UInt64, into quotients: UnsafeMutableBufferPointer<Int64>, noise: inout NoiseStream
  ) throws {
    for lane in quotients.indices where further >> UInt64(lane) & 1 == 1 {
      repeat {
        quotients[lane] += 1 << Int64(count)
      } while try ExponentialTrial.isBelow(
        prefix: 0, bits: 0, numerator: numerator, denominator: denominator, noise: &noise)
    }
  }
}
