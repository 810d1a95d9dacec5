internal import Models
internal import Tensors

/// A second layer of features: how near an input is to typical public ones.
///
///     nearness_j = exp(2 (u . centre_j - 1)),   u = unit vector of the first layer's features
///
/// The centres are spherical k-means of the probe. A linear head on nearness is smooth along the
/// probe's own shape, so that it needs fewer records for the same accuracy.
struct KernelLayer {
  private static let firstDimension = 200
  private static let firstEvenness = 0.2
  private static let sharpness = 2.0
  private static let iterations = 10

  let centres: Int

  /// Appends the layer and returns its name.
  ///
  /// - Parameter values: The probe's values of `map`, replaced by those of the layer.
  func append(
    _ map: String, values: inout Tensor, seed: UInt64, to trunk: inout TrunkGraph
  ) throws -> String {
    let scaling = try FeatureScaling(
      map: values, dimension: Self.firstDimension, evenness: Self.firstEvenness)
    let first = try scaling.append(map, to: &trunk, as: "first")
    let units = try values.matmul(scaling.projection).adding(scaling.shift).unitRows()
    var generator = SeededGenerator(seed: seed ^ 0x4B)
    let means = try SphericalMeans.centres(
      of: units, count: min(centres, units.shape[0]), iterations: Self.iterations,
      using: &generator)
    let directions = try means.transposed().multiplied(by: Self.sharpness).contiguous()
    let shift = try Tensor.full([directions.shape[1]], -Self.sharpness)
    let exponents = trunk.append(
      "Gemm", "nearness.exponents",
      [
        first, trunk.constant("nearness.centres", directions),
        trunk.constant("nearness.shift", shift),
      ])
    values = try units.matmul(directions).adding(shift).exponential()
    return trunk.append("Exp", "nearness", [exponents])
  }
}
