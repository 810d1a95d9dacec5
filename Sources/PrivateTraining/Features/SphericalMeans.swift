internal import Models
internal import Tensors

/// Clusters of directions: k-means with unit vectors as centres and the cosine as nearness.
enum SphericalMeans {
  /// Lloyd's iterations from random members; a cluster that loses all members keeps its centre.
  ///
  /// - Parameters:
  ///   - directions: Unit vectors, shape `[m, d]`.
  ///   - count: The number of centres, at most m.
  /// - Returns: Unit vectors, shape `[count, d]`.
  static func centres(
    of directions: Tensor, count: Int, iterations: Int, using generator: inout SeededGenerator
  ) throws -> Tensor {
    let start = Array(0..<directions.shape[0]).shuffled(using: &generator).prefix(count)
    var centres = try directions.selecting(Array(start), axis: 0)
    for _ in 0..<iterations {
      let nearest = try directions.matmul(centres.transposed()).argmax(axis: 1)
      let sums = try engineCall1(
        "index_add",
        [.tensor(Tensor.zeros(centres.shape)), .int(0), .tensor(nearest), .tensor(directions)])
      let lengths = try sums.multiplied(by: sums).sum([1], keepingAxes: true).squareRoot()
      let isLost = try engineCall1("lt.Scalar", [.tensor(lengths), .double(1e-6)])
      centres = try engineCall1(
        "where.self",
        [
          .tensor(isLost), .tensor(centres),
          .tensor(sums.divided(by: lengths.clamped(atLeast: 1e-6))),
        ])
    }
    return centres
  }
}
