public import Tensors

/// Public features of a study's probe and test samples.
public struct StudyFeatures: Sendable {
  /// Shape `[probes, dimension]`.
  public let probe: Tensor
  /// Shape `[test samples, dimension]`.
  public let test: Tensor

  public init(probe: Tensor, test: Tensor) {
    self.probe = probe
    self.test = test
  }
}
