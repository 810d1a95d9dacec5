/// Clips what a record adds to the gradient of a linear head, exactly, in integers.
///
/// A record's gradient of a softmax head is the outer product of its features x and its residual
/// r (probabilities minus labels). Both are integers on public grids of unit 2^-12, so that the
/// product is an integer on a grid of 2^-24, and
///
///     ||x r^T||^2 = (sum of x[i]^2) (sum of r[j]^2) <= limit^2,   limit = floor(clip 2^24)
///
/// is checked without rounding. The sum over records is ordinarily a matrix product in `Double`,
/// which is exact while all partial sums are below 2^53 (``isExact(records:)``).
///
/// - Neighbours: ``Adjacency/zeroOut``. Emptying a record takes one outer product out of the sum
///   and leaves all others as they are, as each depends on its own record and on earlier releases
///   only. Its L2 norm is at most `limit` grid steps: that is the sensitivity.
package struct RecordClipping: Hashable, Sendable {
  /// The unit of features and residuals.
  package static let unit = 0x1p-12
  /// Features are clamped to this magnitude.
  package static let greatestFeature = 8.0

  /// clip 2^24, rounded down: from 1 to 2^30.
  package let limit: UInt64

  /// - Parameter clip: The greatest L2 norm of a record's gradient, from 2^-20 to 64.
  /// - Throws: ``PrivacyError/radiusOutOfRange(_:least:greatest:)``.
  package init(clip: Double) throws {
    guard clip >= 0x1p-20, clip <= 64 else {
      throw PrivacyError.radiusOutOfRange(clip, least: 0x1p-20, greatest: 64)
    }
    limit = UInt64(clip * 0x1p24)
  }

  /// Features on their grid, clamped to ``greatestFeature``; NaN is 0.
  ///
  /// - Parameters:
  ///   - features: By rows, of shape `[n, d]`.
  ///   - columns: d, from 1 to 2^20.
  /// - Returns: Whole numbers as `Double`, of shape `[n, d]`, and the sum of the squares of each
  ///   row, of shape `[n]`.
  package static func gridFeatures(
    _ features: [Float], columns: Int
  ) -> (values: [Double], squaredNorms: [UInt64]) {
    precondition(columns >= 1 && columns <= 1 << 20 && features.count % columns == 0)
    let bound = Float(greatestFeature / unit)
    let values = features.map { feature -> Double in
      let scaled = feature * Float(1 / unit)
      return scaled.isNaN ? 0 : Double(max(-bound, min(bound, scaled)).rounded())
    }
    // Exact: at most 2^20 squares of at most 2^30.
    let squaredNorms = stride(from: 0, to: values.count, by: columns).map { start in
      UInt64(values[start..<start + columns].reduce(0) { $0 + $1 * $1 })
    }
    return (values, squaredNorms)
  }

  /// Residuals on their grid, scaled down where the record's gradient would be too long.
  ///
  /// A record's integers r satisfy (sum of r[j]^2) squaredNorm <= limit^2 for certain: `Double`
  /// only guesses the scale, and integers check the result. A record without features, or with a
  /// residual that is not finite, gets zeros.
  ///
  /// - Parameters:
  ///   - residuals: Any numbers, by rows, of shape `[n, k]`.
  ///   - squaredNorms: The sum of the squares of each record's integer features, of shape `[n]`.
  /// - Returns: Whole numbers as `Double`, none above 2^30 in magnitude, of shape `[n, k]`.
  /// - Complexity: O(n k).
  package func clippedResiduals(_ residuals: [Float], squaredNorms: [UInt64]) -> [Double] {
    let records = squaredNorms.count
    precondition(records > 0 ? residuals.count % records == 0 : residuals.isEmpty)
    let columns = records > 0 ? residuals.count / records : 0
    return [Double](unsafeUninitializedCapacity: residuals.count) { output, initialized in
      output.initialize(repeating: 0)
      initialized = residuals.count
      guard columns > 0, let outputBase = output.baseAddress else { return }
      residuals.withUnsafeBufferPointer { input in
        guard let inputBase = input.baseAddress else { return }
        for record in 0..<records where squaredNorms[record] > 0 {
          clip(
            UnsafeBufferPointer(start: inputBase + record * columns, count: columns),
            allowed: limit * limit / squaredNorms[record],
            into: UnsafeMutableBufferPointer(
              start: outputBase + record * columns, count: columns))
        }
      }
    }
  }

  /// Writes integers whose squares sum to at most `allowed`, which is at most 2^60.
  @inline(__always)
  private func clip(
    _ row: UnsafeBufferPointer<Float>, allowed: UInt64,
    into output: UnsafeMutableBufferPointer<Double>
  ) {
    var squares = 0.0
    for value in row { squares += Double(value) * Double(value) }
    // Squares of floats do not overflow: only infinities and NaN do this.
    guard squares.isFinite, squares > 0 else { return }
    let gridUnits = 1 / Self.unit
    var scale = min(gridUnits, (Double(allowed) / squares).squareRoot())
    while true {
      // Each is at most the root of `allowed` up to rounding, so that 64 bits hold all squares:
      // their sum is within rounding of 2^60.
      var sum: UInt64 = 0
      for index in row.indices {
        let whole = (Double(row[index]) * scale).rounded(.towardZero)
        output[index] = whole
        let integer = UInt64(whole.magnitude)
        sum += integer * integer
      }
      if sum <= allowed { return }
      scale *= 1 - 0x1p-30
    }
  }

  /// Whether the sum over so many records is exact in `Double`, in whatever order it is taken.
  ///
  /// Each entry of an outer product is at most its norm, hence `limit`; so is every partial sum at
  /// most records x limit, and an integer of at most 2^53 is exact.
  ///
  /// - Parameter records: The number of records, at least 0.
  package func isExact(records: Int) -> Bool {
    let (product, overflow) = UInt64(records).multipliedReportingOverflow(by: limit)
    return !overflow && product <= 1 << 53
  }

  /// The sum over records, with its sensitivity.
  ///
  /// - Parameters:
  ///   - products: The matrix product of integer features, transposed, and clipped integer
  ///     residuals, both made here: whole numbers of shape `[d k]`.
  ///   - records: The number of records that it is over.
  /// - Throws: ``PrivacyError/sumNotExact(records:greatest:)``.
  package func sum(_ products: [Double], records: Int) throws -> ClippedSum {
    guard isExact(records: records) else {
      throw PrivacyError.sumNotExact(records: records, greatest: Int((1 << 53) / limit))
    }
    return ClippedSum(
      values: products.map { product in
        precondition(
          product == product.rounded() && product.magnitude <= 0x1p53,
          "a sum of integer products is an integer")
        return Int64(product)
      },
      squaredSensitivity: UInt128(limit) * UInt128(limit), gridStep: Self.unit * Self.unit)
  }
}
