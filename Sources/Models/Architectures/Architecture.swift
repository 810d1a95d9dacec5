/// A family of classifiers that can be made untrained.
///
/// Every network reads the input `x` and makes the value `logits` of shape `[batch, classes]`; its
/// parameters bear the names of the same network's `state_dict` in PyTorch. All sizes must be
/// above 0.
public enum Architecture: Sendable, Equatable {
  /// Fully connected layers `fc1`, `fc2`, ... with rectifiers between; `x` is `[batch, inputs]`.
  case mlp(inputs: Int, hidden: [Int], classes: Int)
  /// Two convolutions of stride 2 (5x5 to 32 channels, 3x3 to 64), `fc1` of 128 units and `fc2`;
  /// `x` is `[batch, channels, height, width]`.
  ///
  /// Batch normalisation, where asked for, follows both convolutions and `fc1`, which then have no
  /// bias.
  case cnn(channels: Int, height: Int, width: Int, classes: Int, batchNormalization: Bool)
  /// A residual network of basic blocks behind a 3x3 stem; `x` is
  /// `[batch, channels, height, width]`.
  ///
  /// Stage `i` has `blocks[i]` blocks of `widths[i]` channels; every stage but the first halves
  /// both spatial axes. He, Zhang, Ren, Sun 2016, section 4.2.
  case resnet(
    channels: Int, height: Int, width: Int, blocks: [Int], widths: [Int], classes: Int)

  /// The residual network of 18 layers and 11 million parameters, for small images.
  public static func resnet18(channels: Int, height: Int, width: Int, classes: Int) -> Self {
    .resnet(
      channels: channels, height: height, width: width, blocks: [2, 2, 2, 2],
      widths: [64, 128, 256, 512], classes: classes)
  }

  /// The network with fresh parameters, the same for the same seed.
  ///
  /// Weights are normal with standard deviation `sqrt(2 / fan-in)`, the last layer's
  /// `sqrt(1 / fan-in)`; biases are 0 and normalisation starts as the identity.
  public func untrained(seed: UInt64) throws -> ModelGraph {
    var builder = GraphBuilder(seed: seed)
    switch self {
    case .mlp(let inputs, let hidden, let classes):
      precondition(([inputs, classes] + hidden).allSatisfy { $0 > 0 }, "sizes must be above 0")
      return try builder.mlp(inputs: inputs, hidden: hidden, classes: classes)
    case .cnn(let channels, let height, let width, let classes, let batchNormalization):
      let image = ImageShape(channels: channels, height: height, width: width)
      precondition(classes > 0, "classes must be above 0, got \(classes)")
      return try builder.cnn(image, classes: classes, batchNormalization: batchNormalization)
    case .resnet(let channels, let height, let width, let blocks, let widths, let classes):
      let image = ImageShape(channels: channels, height: height, width: width)
      precondition(classes > 0, "classes must be above 0, got \(classes)")
      precondition(
        !blocks.isEmpty && blocks.count == widths.count && (blocks + widths).allSatisfy { $0 > 0 },
        "every stage needs a number of blocks and a width above 0")
      return try builder.resnet(image, stages: Array(zip(blocks, widths)), classes: classes)
    }
  }
}

/// The shape of one image, channels first.
struct ImageShape {
  let channels: Int
  let height: Int
  let width: Int

  init(channels: Int, height: Int, width: Int) {
    precondition(
      channels > 0 && height > 0 && width > 0,
      "an image needs sizes above 0, got \(channels) x \(height) x \(width)")
    (self.channels, self.height, self.width) = (channels, height, width)
  }

  var sizes: [Int] { [channels, height, width] }
}
