internal import Models
public import Tensors

/// Mirrors each image left to right with probability 1/2, and rolls it by one pixel up, down, left,
/// right or not at all, all equally likely. What leaves one edge comes back at the other.
public struct ImageAugmentation: Sendable {
  /// The shape of one image, in pixels.
  public let height: Int
  public let width: Int
  public let channels: Int
  /// For every way to move an image, the position that each pixel comes from: `[10, h·w]`.
  private let sources: Tensor

  public init(height: Int, width: Int, channels: Int) throws {
    precondition(
      height > 0 && width > 0 && channels > 0,
      "an image needs sizes above 0, got \(channels) x \(height) x \(width)")
    self.height = height
    self.width = width
    self.channels = channels
    var indices: [Int] = []
    for mirrored in [false, true] {
      for (down, right) in [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)] {
        for row in 0..<height {
          for column in 0..<width {
            let sourceRow = (row - down + height) % height
            let rolled = (column - right + width) % width
            let sourceColumn = mirrored ? width - 1 - rolled : rolled
            indices.append(sourceRow * width + sourceColumn)
          }
        }
      }
    }
    sources = try Tensor(indices: indices).reshaped([10, height * width])
  }

  /// Each image moved in its own way, the same for the same seed.
  ///
  /// - Parameters:
  ///   - images: Shape `[m, channels, height, width]` or `[m, channels · height · width]`.
  ///   - seed: Decides how each image is mirrored and rolled.
  /// - Returns: The shape of `images`.
  /// - Throws: `TensorError.elementCount(shape:elements:)` when `images` has another number of
  ///   elements.
  public func augmented(_ images: Tensor, seed: UInt64) throws -> Tensor {
    let shape = images.shape
    let count = shape.first ?? 0
    let pixels = height * width
    guard images.count == count * channels * pixels else {
      throw TensorError.elementCount(
        shape: [count, channels, height, width], elements: images.count)
    }
    var generator = SeededGenerator(seed: seed)
    let ways = (0..<count).map { _ in Int.random(in: 0..<10, using: &generator) }
    let indices = try sources.selecting(ways, axis: 0).unsqueezed(1)
      .expanded(to: [count, channels, pixels])
    let flat = try images.reshaped([count, channels, pixels])
    return try engineCall1("gather", [.tensor(flat), .int(2), .tensor(indices)]).reshaped(shape)
  }

  /// What a ``Trainer`` does to the input `name` of every batch.
  public func ofInput(_ name: String) -> Trainer.Augmentation {
    { inputs, seed in
      guard let images = inputs[name] else { return inputs }
      var result = inputs
      result[name] = try augmented(images, seed: seed)
      return result
    }
  }
}
