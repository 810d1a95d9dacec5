/// The grid on which sums of floating-point gradients are rounded before they get their noise.
///
///     value[i] = round(sum[i] / step)
///     sensitivity = (clip (1 + slack) + sqrt(d) step) / step,   grid steps
///
/// Proof. Let u and u' be the exact sums over two neighbours' records of gradients that are at most
/// `clip` long: |u - u'| <= clip. `slack` covers how much further apart the computed sums are.
/// Rounding moves each number by at most step / 2, hence the difference of two by at most step,
/// and a vector of d of them by at most sqrt(d) step.
package struct SumGrid: Hashable, Sendable {
  /// The part of the sensitivity that rounding may take: with step a power of two, between
  /// a quarter and a half of a thousandth of the clip.
  private static let greatestShare = 0.5e-3

  /// The greatest L2 norm of a record's gradient.
  package let clip: Double
  /// d, the number of values in a sum.
  package let dimension: Int
  /// By how much, relative to the clip, floating point may stretch the difference of two sums.
  package let slack: Double
  /// A power of two.
  package let step: Double
  /// The square of the L2 sensitivity in grid steps, rounded up.
  package let squaredSensitivity: UInt128

  /// - Parameters:
  ///   - clip: The greatest L2 norm of a record's gradient, from 1e-6 to 1e6.
  ///   - dimension: d, from 1 to 2^40.
  ///   - slack: As ``accumulationSlack(records:unitRoundoff:)`` gives it, plus what may be wrong
  ///     with the clipping of one record; in 0 ... 0.1.
  /// - Throws: ``PrivacyError/radiusOutOfRange(_:least:greatest:)``.
  package init(clip: Double, dimension: Int, slack: Double) throws {
    guard clip >= 1e-6, clip <= 1e6 else {
      throw PrivacyError.radiusOutOfRange(clip, least: 1e-6, greatest: 1e6)
    }
    precondition(dimension >= 1 && dimension <= 1 << 40)
    precondition(slack >= 0 && slack <= 0.1, "a sum that is so uncertain has no use")
    self.clip = clip
    self.dimension = dimension
    self.slack = slack
    let root = Double(dimension).squareRoot().nextUp
    let greatest = Self.greatestShare * clip / root
    step = Double(sign: .plus, exponent: greatest.exponent, significand: 1)
    let sensitivity = UpwardArithmetic.sum(
      UpwardArithmetic.product(clip / step, (1 + slack).nextUp), root)
    squaredSensitivity = UInt128(UpwardArithmetic.product(sensitivity, sensitivity).rounded(.up))
  }

  /// How far apart, relative to the clip, rounding may take the computed sums of two neighbours.
  ///
  ///     2 records gamma,   gamma = records unitRoundoff / (1 - records unitRoundoff)
  ///
  /// In whatever order numbers are added, each sum is within gamma of the sum of magnitudes
  /// (Higham 2002, section 4.2); over the values these errors are a vector of at most
  /// gamma x records x clip, for each neighbour.
  ///
  /// - Parameters:
  ///   - records: The greatest number of records in a sum; all of them where they are sampled.
  ///   - unitRoundoff: 2^-53 when sums are kept in `Double`; 2^-24 in `Float`, which is too coarse
  ///     above some hundred records.
  package static func accumulationSlack(records: Int, unitRoundoff: Double) -> Double {
    let product = Double(records) * unitRoundoff
    guard product < 0.5 else { return .infinity }
    return (2 * Double(records) * product / (1 - product)) * (1 + 1e-12)
  }

  /// The sum on the grid, with its sensitivity.
  ///
  /// - Parameter sums: Of shape `[d]`: sums over records of gradients that were each clipped to
  ///   `clip`, those that are not finite having been replaced by zeros before the sum.
  /// - Throws: ``PrivacyError/sumNotFinite`` when a number is not finite or too large to be such
  ///   a sum.
  package func clippedSum(_ sums: [Double]) throws -> ClippedSum {
    precondition(sums.count == dimension)
    // Exact, as the step is a power of two. Adding 1.5 x 2^52 rounds to an integer, which the lowest
    // digits of the sum's significand then count.
    let inverse = 1 / step
    let origin = (0x1.8p52).bitPattern
    var inRange = true
    let values = [Int64](unsafeUninitializedCapacity: dimension) { buffer, count in
      for index in 0..<dimension {
        let scaled = sums[index] * inverse
        if !(scaled.magnitude <= 0x1p50) { inRange = false }
        buffer[index] = Int64(bitPattern: (scaled + 0x1.8p52).bitPattern &- origin)
      }
      count = dimension
    }
    guard inRange else { throw PrivacyError.sumNotFinite }
    return ClippedSum(values: values, squaredSensitivity: squaredSensitivity, gridStep: step)
  }
}
