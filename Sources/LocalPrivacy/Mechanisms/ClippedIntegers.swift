/// Private integers that ``DiscreteLaplace`` accepts: clamped to public bounds.
///
/// The contents can't be read outside this module.
public struct ClippedIntegers: Sendable {
  public let bounds: IntegerBounds
  package let values: [Int32]

  public var count: Int { values.count }

  /// - Parameters:
  ///   - values: Any integers, of shape `[n]`.
  ///   - bounds: What they are clamped to.
  public init(_ values: [Int], bounds: IntegerBounds) {
    self.bounds = bounds
    self.values = values.map { Int32(max(bounds.lower, min(bounds.upper, $0))) }
  }
}
