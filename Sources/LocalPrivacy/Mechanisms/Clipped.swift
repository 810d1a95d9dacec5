/// Private values that a mechanism accepts: clamped to a public radius and mapped to [-1, 1].
///
///     t = clamp(value, -radius, radius) / radius,   and 0 for NaN
///
/// The contents can't be read outside this module. They are held as multiples of 2^-30, so that
/// everything after clipping is done in integers.
public struct Clipped: Sendable {
  /// 1 in the units that the values are held in.
  static let one: Int32 = 1 << 30

  public let radius: ClippingRadius
  package let multiples: [Int32]

  public var count: Int { multiples.count }

  /// - Parameters:
  ///   - values: Any numbers, also NaN and infinite ones.
  ///   - radius: From 1e-30 to 1e30, chosen from public knowledge only.
  /// - Throws: ``PrivacyError/radiusOutOfRange(_:least:greatest:)``.
  public init(_ values: [Float], radius: Double) throws {
    self.init(values, radius: try ClippingRadius(radius))
  }

  public init(_ values: [Float], radius: ClippingRadius) {
    self.radius = radius
    let scale = Double(Self.one) / radius.value
    let limit = Double(Self.one)
    multiples = values.map { value in
      let scaled = value.isNaN ? 0 : Double(value) * scale
      return Int32(max(-limit, min(limit, scaled)).rounded())
    }
  }
}
