package import Tensors

extension ProbeGraph {
  /// Eigenvectors of A with the greatest eigenvalues: the functions that vary least over the graph.
  package struct Spectrum: Sendable {
    /// Descending, shape `[r]`.
    package let eigenvalues: [Double]
    /// Columns of unit mean square, shape `[m, r]`, in double precision.
    package let vectors: Tensor

    /// Smooth functions of the probes, the rougher the smaller.
    ///
    ///     phi[j, i] = vectors[j, i] / (1 + t (1 - eigenvalues[i])),   i < r
    ///
    /// - Parameters:
    ///   - count: r; all of them when there are fewer.
    ///   - smoothness: t, at least 0.
    package func basis(count: Int, smoothness: Double) throws -> Tensor {
      let kept = min(count, eigenvalues.count)
      let scales = eigenvalues.prefix(kept).map { 1 / (1 + smoothness * (1 - $0)) }
      return try vectors.slice(0..<kept, axis: 1).multiplied(by: Tensor(scales, shape: [kept]))
    }

    /// The smoothest functions, each probe's values of them divided by their root mean square: points
    /// on a sphere, which lie together where the graph holds together.
    ///
    ///     phi[j, i] = vectors[j, i] sqrt(r / sum over i of vectors[j, i]²),   i < r
    ///
    /// Ng, Jordan, Weiss 2001, section 2, step 4.
    ///
    /// - Parameter count: r; all of them when there are fewer.
    package func normalizedBasis(count: Int) throws -> Tensor {
      let kept = try vectors.slice(0..<min(count, eigenvalues.count), axis: 1)
      let squares = try kept.multiplied(by: kept).mean([1], keepingAxes: true)
      return try kept.divided(by: squares.clamped(atLeast: 1e-24).squareRoot()).contiguous()
    }
  }

  /// The leading part of the spectrum.
  ///
  /// Up to 600 probes all eigenvectors are computed at once. Above, a block of vectors is filtered
  /// by Chebyshev polynomials, which grow only above the wanted eigenvalues (Zhou, Saad, Tiago &
  /// Chelikowsky 2006, algorithm 4.1): four rounds of degree 10. What is at the end of the spectrum
  /// is then a mixture of eigenvectors, as smooth as they are, which is all that is asked of it.
  ///
  /// - Parameters:
  ///   - count: r; at most m.
  ///   - seed: For the block that the rounds start from.
  /// - Complexity: O(m³) up to 600 probes; above, O(m r²) and 40 products with A.
  package func spectrum(count: Int, seed: UInt64) throws -> Spectrum {
    let wanted = min(count, probeCount)
    // Vectors beyond those wanted take up what converges slowly.
    let block = min(wanted + 20, probeCount)
    var (values, vectors): ([Double], Tensor)
    if probeCount <= 600 || block == probeCount {
      (values, vectors) = try Self.eigenvectors(of: dense())
    } else {
      vectors = try Self.orthonormal(
        Tensor.normal([probeCount, block], seed: seed, type: .float64))
      // Below this the first round damps; later rounds know better.
      var bound = 0.5
      values = []
      for _ in 0..<4 {
        let filtered = try filtered(vectors, below: bound)
        let basis = try Self.orthonormal(filtered)
        let projected = try basis.transposed().matmul(multiplied(by: basis))
        let symmetric = try projected.adding(projected.transposed()).multiplied(by: 0.5)
        let (found, rotation) = try Self.eigenvectors(of: symmetric)
        (values, vectors) = (found, try basis.matmul(rotation))
        // Kept off the ends, between which the polynomial is defined.
        bound = min(max(found[block - 1], -0.5), 0.999)
      }
    }
    return Spectrum(
      eigenvalues: Array(values.prefix(wanted)),
      vectors: try vectors.slice(0..<wanted, axis: 1)
        .multiplied(by: Double(probeCount).squareRoot()).contiguous())
  }

  /// Eigenvalues in descending order with their vectors as columns.
  private static func eigenvectors(of matrix: Tensor) throws -> ([Double], Tensor) {
    let parts = try engineCall("linalg_eigh", [.tensor(matrix)])
    let values: [Double] = try parts[0].elements()
    return (values.reversed(), try parts[1].flipped(1))
  }

  private static func orthonormal(_ columns: Tensor) throws -> Tensor {
    try engineCall("linalg_qr", [.tensor(columns)])[0]
  }

  private func multiplied(by x: Tensor) throws -> Tensor {
    try Tensor(multiplied(by: x.elements(), columns: x.shape[1]), shape: x.shape)
  }

  /// The Chebyshev polynomial of degree 10 that stays within 1 on [-1, `bound`], of A, times `x`.
  ///
  ///     y[i + 1] = 2 / e (A - c) y[i] - y[i - 1],   c and e the centre and half width
  private func filtered(_ x: Tensor, below bound: Double) throws -> Tensor {
    let center = (bound - 1) / 2
    let halfWidth = (bound + 1) / 2
    let columns = x.shape[1]
    func shifted(_ y: [Double], by factor: Double, minus other: [Double]?) -> [Double] {
      var product = multiplied(by: y, columns: columns)
      for index in product.indices {
        product[index] = factor * (product[index] - center * y[index]) - (other?[index] ?? 0)
      }
      return product
    }
    var before: [Double] = try x.elements()
    var now = shifted(before, by: 1 / halfWidth, minus: nil)
    for _ in 1..<10 {
      (before, now) = (now, shifted(now, by: 2 / halfWidth, minus: before))
    }
    return try Tensor(now, shape: x.shape)
  }
}
