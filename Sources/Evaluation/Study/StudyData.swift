internal import Models
public import Tensors
public import Training

/// Labelled images for a study, standardised by public constants.
public struct StudyData: Sendable {
  /// What parties' shards are dealt from.
  public let training: LabeledData
  /// Public inputs without labels.
  public let probe: [String: Tensor]
  public let test: LabeledData
  /// Moves and mirrors images; for the adapter and the control.
  public let augmentation: FusionStudy.Augmentation

  /// Fashion-MNIST as the studies use it: pixels standardised as (x / 255 - 0.2860) / 0.3530, the
  /// last 2,000 training images the unlabelled probe, the others dealt to the parties.
  ///
  /// - Parameters:
  ///   - trainingImages: Pixels from 0 to 255, of shape `[60000, 28, 28]`.
  ///   - trainingLabels: Classes from 0 to 9, of shape `[60000]` and any integer type.
  ///   - testImages: Pixels from 0 to 255, of shape `[10000, 28, 28]`.
  ///   - testLabels: Classes from 0 to 9, of shape `[10000]` and any integer type.
  ///   - shape: The shape of one input, `[784]` or `[1, 28, 28]`.
  ///   - probeCount: How many of the probe's images are used.
  ///   - reserved: How many of the last training images are kept for the probe; the probe has
  ///     `probeCount` of them, or all where they are fewer.
  public init(
    trainingImages: Tensor, trainingLabels: Tensor, testImages: Tensor, testLabels: Tensor,
    shape: [Int], probeCount: Int, reserved: Int = 2000
  ) throws {
    func standardized(_ images: Tensor) throws -> Tensor {
      try images.cast(to: .float32).divided(by: 255).adding(-0.2860).divided(by: 0.3530)
        .reshaped([images.shape[0]] + shape)
    }
    let images = try standardized(trainingImages)
    let count = images.shape[0] - reserved
    training = try LabeledData(
      inputs: ["x": images.slice(0..<count)],
      labels: trainingLabels.slice(0..<count).cast(to: .int64))
    probe = ["x": try images.slice(count..<(count + min(probeCount, reserved)))]
    test = try LabeledData(
      inputs: ["x": standardized(testImages)], labels: testLabels.cast(to: .int64))
    let (height, width) = (testImages.shape[1], testImages.shape[2])
    augmentation = try ImageAugmentation(height: height, width: width, channels: 1).ofInput("x")
  }
}
