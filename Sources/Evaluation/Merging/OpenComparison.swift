/// All models of a run in which nothing is private, and what lies between the parents.
public struct OpenComparison: Sendable, Encodable {
  public let comparison: MergeComparison<OpenModel>
  /// `nil` where it was not looked at.
  public let path: MergePath?

  private enum CodingKeys: String, CodingKey {
    case interpolation
  }

  /// Losses in nats; distances in units of the parameters in canonical form.
  private struct Interpolation: Encodable {
    let barrierBefore: Double
    let barrierAfter: Double
    let lossesBefore: [[Double]]
    let lossesAfter: [[Double]]
    let shares: [Double]
    let distanceBefore: Double
    let distanceAfter: Double
    let cycleError: Double
    let pairwiseCycleError: Double?

    init(_ path: MergePath) {
      (barrierBefore, barrierAfter) = (path.before.barrier, path.after.barrier)
      (lossesBefore, lossesAfter) = (path.before.byParent, path.after.byParent)
      shares = MergePath.shares
      (distanceBefore, distanceAfter) = (path.distanceBefore, path.distanceAfter)
      // Maps through a universe compose to the identity.
      cycleError = 0
      pairwiseCycleError = path.pairwiseCycleError
    }
  }

  public func encode(to encoder: any Encoder) throws {
    try comparison.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(path.map { Interpolation($0) }, forKey: .interpolation)
  }
}

/// The same of a private run, which concerns clean parents.
///
/// It has no encoding: no report can hold it.
public struct OwnersComparison: Sendable {
  public let comparison: MergeComparison<OwnersModel>
  /// `nil` where it was not looked at.
  public let path: MergePath?
}
