public import Symmetry

/// What one tensor of every party contributes to a matching: its axes and how much it counts.
///
/// All parties have the same terms in the same order. A weight's axes carry permutation groups; an
/// activation signature of shape `[units, samples]` has the axes `[structure, .fixed(samples)]`.
/// A group may be on several axes of a tensor and several times within an axis.
public struct MatchingTerm: Hashable, Sendable {
  /// How each axis is made of permutation groups.
  public let axes: [AxisStructure]
  /// How much the term's inner products count; finite and at least 0.
  public let weight: Double

  /// - Throws: ``MatchingError/weight(_:)`` when the weight is negative, NaN or infinite.
  public init(axes: [AxisStructure], weight: Double) throws(MatchingError) {
    guard weight.isFinite, weight >= 0 else { throw .weight(weight) }
    self.axes = axes
    self.weight = weight
  }

  /// The sizes of the axes.
  public var shape: [Int] { axes.map(\.size) }
}
