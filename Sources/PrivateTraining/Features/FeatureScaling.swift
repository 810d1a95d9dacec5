internal import Models
internal import Tensors

/// The last step of every feature map: principal components of the probe, evened out and put on the
/// unit sphere.
///
///     z = (map - mean) components,   feature = s / |s|,   s_i = z_i (ev_i / ev_0 + 1e-3)^-evenness
///
/// Rows of unit length make every record's influence alike, so that clipping loses little. Nearly
/// whitened components learn at one rate, so that few noisy steps suffice.
struct FeatureScaling {
  /// How far components are evened out: 0 leaves them, 1/2 whitens.
  static let evenness = 0.4
  private static let floor = 1e-3

  /// Shape `[map, dimension]`, the scales folded in.
  let projection: Tensor
  /// Shape `[dimension]`: minus the projected mean.
  let shift: Tensor

  var dimension: Int { projection.shape[1] }

  /// - Parameters:
  ///   - map: The features of the public probe, shape `[m, map]`.
  ///   - dimension: Components to keep; fewer are kept where the probe spans fewer.
  ///   - evenness: In 0 ... 1/2.
  /// - Throws: ``PrivateTrainingError/noVariation`` when all probes have the same features.
  init(map: Tensor, dimension: Int, evenness: Double = Self.evenness) throws {
    let mean = try map.mean([0])
    let centered = try map.subtracting(mean)
    let (count, width) = (map.shape[0], map.shape[1])
    // Through the smaller of the two Gram matrices.
    let isDual = count < width
    let gram =
      isDual
      ? try centered.matmul(centered.transposed()) : try centered.transposed().matmul(centered)
    let parts = try engineCall("linalg_eigh", [.tensor(gram)])
    let all: [Float] = try parts[0].elements()
    // Equal rows differ from their mean by its rounding, whose square is some 1e-14 of theirs.
    let squares = try map.multiplied(by: map).sum().scalar()
    guard let greatest = all.last, Double(greatest) > 1e-11 * squares else {
      throw PrivateTrainingError.noVariation
    }
    // Below this share of the greatest, an eigenvalue in single precision is rounding.
    let kept = min(dimension, all.filter { $0 > 1e-6 * greatest }.count)
    let order = Array((all.count - kept..<all.count).reversed())
    let values = try parts[0].selecting(order, axis: 0)
    var axes = try parts[1].selecting(order, axis: 1)
    if isDual {
      axes = try centered.transposed().matmul(axes).divided(by: values.squareRoot())
    }
    let scales = try values.divided(by: Double(greatest)).adding(Self.floor).power(-evenness)
    projection = try axes.multiplied(by: scales)
    shift = try mean.unsqueezed(0).matmul(projection).negated().reshaped([kept])
  }

  /// Appends the step to `trunk` as the value `output`, of shape `[batch, dimension]`.
  func append(_ map: String, to trunk: inout TrunkGraph, as output: String) throws -> String {
    let scaled = trunk.append(
      "Gemm", "\(output).components",
      [
        map, trunk.constant("\(output).projection", try projection.contiguous()),
        trunk.constant("\(output).shift", shift),
      ])
    let length = trunk.append(
      "ReduceL2", "\(output).length", [scaled], ["axes": .ints([1]), "keepdims": .int(1)])
    // An input that is exactly the mean has no direction; it stays at zero.
    let divisor = trunk.append(
      "Add", "\(output).positive_length", [length, trunk.constant("\(output).least_length", 1e-8)])
    return trunk.append("Div", output, [scaled, divisor])
  }
}
