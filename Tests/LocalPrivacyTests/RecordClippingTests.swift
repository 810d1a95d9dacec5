import BigInt
import Foundation
import LocalPrivacy
import Testing

@Suite struct RecordClippingTests {
  static func check(
    _ clipping: RecordClipping, _ residuals: [Float], squaredNorms: [UInt64], columns: Int
  ) -> [Double] {
    let clipped = clipping.clippedResiduals(residuals, squaredNorms: squaredNorms)
    let limit = BigInt(clipping.limit) * BigInt(clipping.limit)
    for record in squaredNorms.indices {
      let row = clipped[record * columns..<(record + 1) * columns]
      let squares = row.reduce(BigInt(0)) { $0 + BigInt($1) * BigInt($1) }
      #expect(squares * BigInt(squaredNorms[record]) <= limit)
      #expect(row.allSatisfy { $0 == $0.rounded() && $0.magnitude <= 0x1p30 })
    }
    return clipped
  }

  @Test func `no record's product is above the limit, whatever its numbers`() throws {
    let awkward: [Float] = [
      0, -0, 1, -1, .nan, .infinity, -.infinity, .greatestFiniteMagnitude,
      -.greatestFiniteMagnitude, .leastNonzeroMagnitude, .ulpOfOne, 1e-20, 1e20, 0.3333, 4096,
    ]
    let norms: [UInt64] = [0, 1, 2, 3, 4096, 1 << 24, (1 << 24) + 1, 1 << 50, 1 << 60, .max]
    for clip in [0x1p-20, 0.1, 0.5, 1, 7.3, 64] {
      let clipping = try RecordClipping(clip: clip)
      for norm in norms {
        for one in awkward {
          for other in awkward {
            _ = Self.check(clipping, [one, other, one], squaredNorms: [norm], columns: 3)
          }
        }
      }
    }
  }

  @Test func `ordinary records are clipped to just below the limit`() throws {
    var noise = NoiseStream(reproducibleKey: [UInt8](repeating: 21, count: 32))
    let clipping = try RecordClipping(clip: 0.5)
    var residuals: [Float] = []
    var norms: [UInt64] = []
    for _ in 0..<2000 {
      for _ in 0..<10 { residuals.append(Float(try noise.next() >> 40) * 0x1p-23 - 1) }
      norms.append(UInt64(1) << 24 + (try noise.next() >> 40))
    }
    let clipped = Self.check(clipping, residuals, squaredNorms: norms, columns: 10)
    for record in norms.indices {
      let row = clipped[record * 10..<(record + 1) * 10]
      let length = (row.reduce(0) { $0 + $1 * $1 } * Double(norms[record])).squareRoot()
      // Truncation takes less than 1 from each of ten residuals, times the features' norm.
      #expect(length > Double(clipping.limit) - Double(norms[record]).squareRoot() * 3.17)
    }
  }

  @Test func `a short record is only rounded toward zero`() throws {
    let clipping = try RecordClipping(clip: 1)
    let clipped = Self.check(
      clipping, [0.1, -0.2, 0.30001], squaredNorms: [1 << 24], columns: 3)
    #expect(clipped == [409, -819, 1228])
    let rows = Self.check(
      clipping, [.nan, 1, 0.6, 0.5], squaredNorms: [1 << 24, 1 << 24], columns: 2)
    #expect(rows == [0, 0, 2457, 2048], "a record with NaN is empty, and its neighbour is not")
    #expect(clipping.clippedResiduals([], squaredNorms: []) == [])
  }

  @Test func `features are clamped to their grid and their squares are exact`() {
    let (values, norms) = RecordClipping.gridFeatures(
      [0.5, -0.25, .nan, 100, -.infinity, .greatestFiniteMagnitude], columns: 3)
    #expect(values == [2048, -1024, 0, 32768, -32768, 32768])
    // 2048^2 + 1024^2, and 3 x 2^30.
    #expect(norms == [5_242_880, 3_221_225_472])
  }

  /// Emptying any record moves the released sum by at most the limit: all of a small world.
  @Test func `emptying a record changes the sum by at most its sensitivity`() throws {
    var noise = NoiseStream(reproducibleKey: [UInt8](repeating: 22, count: 32))
    let clipping = try RecordClipping(clip: 0.25)
    let (n, d, k) = (12, 5, 3)
    var features: [Float] = []
    var residuals: [Float] = []
    for _ in 0..<n * d { features.append(Float(try noise.next() >> 40) * 0x1p-22 - 2) }
    for _ in 0..<n * k { residuals.append(Float(try noise.next() >> 40) * 0x1p-22 - 2) }
    func sum(without empty: Int?) throws -> ClippedSum {
      var features = features
      if let empty { for column in 0..<d { features[empty * d + column] = 0 } }
      let (grid, norms) = RecordClipping.gridFeatures(features, columns: d)
      let clipped = clipping.clippedResiduals(residuals, squaredNorms: norms)
      var products = [Double](repeating: 0, count: d * k)
      for record in 0..<n {
        for i in 0..<d {
          for j in 0..<k { products[i * k + j] += grid[record * d + i] * clipped[record * k + j] }
        }
      }
      return try clipping.sum(products, records: n)
    }
    let whole = try sum(without: nil)
    #expect(whole.gridStep == 0x1p-24)
    for record in 0..<n {
      let without = try sum(without: record)
      let squares = zip(whole.values, without.values).reduce(BigInt(0)) {
        $0 + BigInt($1.0 - $1.1) * BigInt($1.0 - $1.1)
      }
      #expect(squares > 0 && squares <= BigInt(whole.squaredSensitivity))
    }
  }

  @Test func `sums that Double would round are refused`() throws {
    let clipping = try RecordClipping(clip: 0.5)
    #expect(clipping.isExact(records: 1 << 30) && !clipping.isExact(records: (1 << 30) + 1))
    #expect(!clipping.isExact(records: .max))
    #expect(throws: PrivacyError.self) { try clipping.sum([0], records: 1 << 31) }
    for clip in [0, -1, .nan, .infinity, 65, 1e-9] as [Double] {
      #expect(throws: PrivacyError.self) { try RecordClipping(clip: clip) }
    }
  }

  @Test func `the grid of a floating-point sum costs less than a thousandth`() throws {
    for dimension in [1, 2, 1000, 235_146, 1 << 30] {
      for clip in [1e-6, 0.1, 1, 1e6] {
        let grid = try SumGrid(clip: clip, dimension: dimension, slack: 0)
        let sensitivity = Double(grid.squaredSensitivity).squareRoot() * grid.step
        #expect(sensitivity >= clip + Double(dimension).squareRoot() * grid.step)
        #expect(sensitivity < clip * 1.001)
      }
    }
    #expect(SumGrid.accumulationSlack(records: 5800, unitRoundoff: 0x1p-53) < 1e-8)
    #expect(SumGrid.accumulationSlack(records: 100_000, unitRoundoff: 0x1p-24) > 0.1)
    #expect(SumGrid.accumulationSlack(records: .max, unitRoundoff: 0x1p-53) == .infinity)
  }

  @Test func `two rounded sums are no further apart than the stated sensitivity`() throws {
    var noise = NoiseStream(reproducibleKey: [UInt8](repeating: 23, count: 32))
    let dimension = 64
    let grid = try SumGrid(clip: 0.5, dimension: dimension, slack: 0)
    for _ in 0..<200 {
      var one: [Double] = []
      var direction: [Double] = []
      for _ in 0..<dimension {
        one.append(Double(try noise.next() >> 11) * 0x1p-50)
        direction.append(Double(try noise.next() >> 11) * 0x1p-52 - 1)
      }
      let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      // A millionth less than the clip, for the rounding of this test.
      let other = zip(one, direction).map { $0 + $1 / length * 0.4999995 }
      let (a, b) = (try grid.clippedSum(one), try grid.clippedSum(other))
      let squares = zip(a.values, b.values).reduce(BigInt(0)) {
        $0 + BigInt($1.0 - $1.1) * BigInt($1.0 - $1.1)
      }
      #expect(squares <= BigInt(a.squaredSensitivity))
    }
    for bad in [Double.nan, .infinity, 1e300] {
      #expect(throws: PrivacyError.sumNotFinite) {
        try grid.clippedSum([Double](repeating: bad, count: dimension))
      }
    }
  }
}
