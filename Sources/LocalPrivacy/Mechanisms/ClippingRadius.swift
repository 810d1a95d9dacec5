/// The public half-width of the interval that values are clamped to, in their own units.
public struct ClippingRadius: Hashable, Sendable {
  /// The limits keep every estimate and its square within `Double`.
  static let least = 1e-30
  static let greatest = 1e30

  /// From 1e-30 to 1e30.
  public let value: Double

  /// - Throws: ``PrivacyError/radiusOutOfRange(_:least:greatest:)`` outside 1e-30 ... 1e30.
  public init(_ value: Double) throws {
    guard value >= Self.least, value <= Self.greatest else {
      throw PrivacyError.radiusOutOfRange(value, least: Self.least, greatest: Self.greatest)
    }
    self.value = value
  }
}
