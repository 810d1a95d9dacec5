/// The public interval that integers are clamped to, in their own units.
public struct IntegerBounds: Hashable, Sendable {
  /// Keeps every output of ``DiscreteLaplace`` within 32 bits.
  static let greatestMagnitude = 1 << 30

  public let lower: Int
  /// Above `lower`.
  public let upper: Int

  /// - Parameter range: From public knowledge only; of at least two integers, within -2^30 ... 2^30.
  /// - Throws: ``PrivacyError/boundsOutOfRange(lower:upper:greatest:)`` otherwise.
  public init(_ range: ClosedRange<Int>) throws {
    let limit = Self.greatestMagnitude
    guard range.lowerBound >= -limit, range.upperBound <= limit,
      range.lowerBound < range.upperBound
    else {
      throw PrivacyError.boundsOutOfRange(
        lower: range.lowerBound, upper: range.upperBound, greatest: limit)
    }
    lower = range.lowerBound
    upper = range.upperBound
  }

  /// upper - lower: the greatest distance of two integers of the interval, from 1 to 2^31.
  public var width: Int { upper - lower }
}
