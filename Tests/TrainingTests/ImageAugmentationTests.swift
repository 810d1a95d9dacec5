import Models
import Tensors
import Testing
import Training

@Suite struct ImageAugmentationTests {
  /// 0 1 2 over 3 4 5, in two channels.
  let image = (0..<12).map(Float.init)

  /// Every way to move one channel, worked out by hand.
  let ways: Set<[Float]> = [
    [0, 1, 2, 3, 4, 5], [3, 4, 5, 0, 1, 2],  // as it is; up and down are one for two rows
    [2, 0, 1, 5, 3, 4], [1, 2, 0, 4, 5, 3],  // right; left
    [2, 1, 0, 5, 4, 3], [5, 4, 3, 2, 1, 0],  // the same, mirrored
    [0, 2, 1, 3, 5, 4], [1, 0, 2, 4, 3, 5],
  ]

  @Test func `each image is mirrored and rolled in its own way, all channels alike`() throws {
    let augmentation = try ImageAugmentation(height: 2, width: 3, channels: 2)
    let images = try Tensor(image, shape: [1, 2, 2, 3]).expanded(to: [400, 2, 2, 3])
    let moved = try augmentation.augmented(images, seed: 1)
    #expect(moved.shape == [400, 2, 2, 3])
    let elements: [Float] = try moved.elements()
    var seen: Set<[Float]> = []
    for start in stride(from: 0, to: elements.count, by: 12) {
      let first = Array(elements[start..<(start + 6)])
      #expect(Array(elements[(start + 6)..<(start + 12)]) == first.map { $0 + 6 })
      seen.insert(first)
    }
    // A way is missed by all 400 draws with probability 8 · 0.9^400 < 1e-17.
    #expect(seen == ways)
  }

  @Test func `flat images move as square ones do and the seed decides`() throws {
    let augmentation = try ImageAugmentation(height: 4, width: 4, channels: 1)
    let images = try Tensor.normal([9, 1, 4, 4], seed: 1)
    let flat = try images.reshaped([9, 16])
    let moved = try augmentation.augmented(images, seed: 2)
    #expect(try moved.reshaped([9, 16]).isIdentical(to: augmentation.augmented(flat, seed: 2)))
    #expect(try !moved.isIdentical(to: augmentation.augmented(images, seed: 3)))
    #expect(throws: TensorError.self) {
      try augmentation.augmented(Tensor.zeros([9, 15]), seed: 1)
    }
  }
}
