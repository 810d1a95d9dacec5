internal import Models
internal import Tensors

/// Filters learnt from patches of public images or signals, without labels.
///
/// Patches are normalised for brightness and contrast, whitened (ZCA) and clustered by spherical
/// k-means; a filter is a centroid seen through the whitening. Coates & Ng 2012, sections 2 and 3.
/// Deviation: the contrast is divided by (norm + 1), so that empty patches stay empty.
struct PatchDictionary {
  /// Shape `[filters, channels, patch...]`; applied to raw patches, they answer to the
  /// brightness-free patch.
  let filters: Tensor
  /// What is subtracted from each answer after division by the contrast, shape `[filters]`.
  let offsets: Tensor

  /// Added to a patch's norm before dividing by it, in units of the input.
  static let contrastFloor = 1.0
  /// Patches whose norm is below this times the patch's width say nothing and are not learnt from.
  private static let leastContrast = 0.1
  /// The share of the greatest eigenvalue that is added to all before whitening.
  private static let whiteningFloor = 0.01
  private static let greatestPatchCount = 50_000
  private static let iterations = 15

  /// - Parameters:
  ///   - samples: Public inputs of shape `[m, channels, length]` or `[m, channels, height, width]`.
  ///   - width: The side of a patch; at most each spatial size.
  ///   - count: How many filters to learn.
  ///   - seed: Decides which patches are looked at, and where the clusters start.
  init(samples: Tensor, width: Int, count: Int, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let raw = try Self.patches(of: samples, width: width, using: &generator)
    let centered = try raw.subtracting(raw.mean([1], keepingAxes: true))
    let norms = try centered.multiplied(by: centered).sum([1]).squareRoot()
    let lengths: [Float] = try norms.elements()
    let least = Float(Self.leastContrast * Double(width))
    let kept = lengths.indices.filter { lengths[$0] > least }
    guard kept.count >= count else {
      throw PrivateTrainingError.tooFewPatches(found: kept.count, needed: count)
    }
    let normalized = try centered.divided(
      by: norms.adding(Self.contrastFloor).unsqueezed(1)
    ).selecting(kept, axis: 0)
    let mean = try normalized.mean([0])
    let difference = try normalized.subtracting(mean)
    let covariance = try difference.transposed().matmul(difference)
      .divided(by: Double(kept.count))
    let whitening = try Self.whitening(covariance)
    let directions = try difference.matmul(whitening).unitRows()
    let centroids = try SphericalMeans.centres(
      of: directions, count: count, iterations: Self.iterations, using: &generator)
    let seen = try centroids.matmul(whitening)
    offsets = try seen.matmul(mean.unsqueezed(1)).reshaped([count])
    let sizes = [count, samples.shape[1]] + samples.shape.dropFirst(2).map { _ in width }
    filters = try seen.subtracting(seen.mean([1], keepingAxes: true)).reshaped(sizes)
  }

  /// Patches at random places, of shape `[patches, channels x width...]`.
  private static func patches(
    of samples: Tensor, width: Int, using generator: inout SeededGenerator
  ) throws -> Tensor {
    let shape = samples.shape
    var windows = samples
    for axis in 2..<shape.count {
      windows = try engineCall1(
        "unfold", [.tensor(windows), .int(axis), .int(width), .int(1)])
    }
    // [m, channels, places..., width...] -> [m, places..., channels, width...], flattened by place.
    let spatial = shape.count - 2
    let order = [0] + (2..<(2 + spatial)) + [1] + ((2 + spatial)..<(2 + 2 * spatial))
    windows = try windows.permuted(order)
    let places = shape.dropFirst(2).map { $0 - width + 1 }
    let total = shape[0] * places.reduce(1, *)
    let size = shape[1] * Array(repeating: width, count: spatial).reduce(1, *)
    let wanted = min(greatestPatchCount, total)
    let indices = (0..<wanted).map { _ in Int.random(in: 0..<total, using: &generator) }
    // One index tensor an axis, so that the windows are never copied as a whole.
    var rest = indices
    var parts: [Tensor] = []
    for size in places.reversed() {
      parts.append(try Tensor(indices: rest.map { $0 % size }))
      rest = rest.map { $0 / size }
    }
    parts.append(try Tensor(indices: rest))
    return try engineCall1(
      "index.Tensor", [.tensor(windows), .tensors(parts.reversed().map { $0 })]
    ).reshaped([wanted, size])
  }

  /// The symmetric inverse root of the covariance with its eigenvalues raised.
  private static func whitening(_ covariance: Tensor) throws -> Tensor {
    let parts = try engineCall("linalg_eigh", [.tensor(covariance)])
    let values = try parts[0].clamped(atLeast: 0)
    let floor = try whiteningFloor * values.largestMagnitude()
    let roots = try values.adding(max(floor, 1e-12)).power(-0.5)
    return try parts[1].multiplied(by: roots).matmul(parts[1].transposed())
  }
}

extension Tensor {
  /// Every row divided by its length; rows of zeros stay.
  func unitRows() throws -> Tensor {
    let lengths = try multiplied(by: self).sum([1], keepingAxes: true).squareRoot()
    return try divided(by: lengths.adding(1e-8))
  }
}
