/// Noisy sums over records, which may leave the party: only a ``NoiseGrant`` makes one.
///
/// It can't be decoded, nor built by another module, so that a function that takes one can't be
/// handed a private sum.
public struct ReleasedSums: Sendable {
  /// The noisy sums in grid steps, of shape `[d]`.
  public let outputs: [Int64]
  /// One grid step in the units of the estimates.
  public let gridStep: Double
  /// The noise's standard deviation, in the units of the estimates.
  public let noiseDeviation: Double

  init(outputs: [Int64], gridStep: Double, noiseDeviation: Double) {
    self.outputs = outputs
    self.gridStep = gridStep
    self.noiseDeviation = noiseDeviation
  }

  public var count: Int { outputs.count }

  /// The unbiased estimates of the sums of clipped contributions, of shape `[d]`.
  public func estimates() -> [Double] { outputs.map { Double($0) * gridStep } }
}
