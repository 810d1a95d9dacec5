internal import Foundation
package import Tensors

/// The graph of the probes that are alike: each is joined to its nearest neighbours.
///
///     w(i, j) = e^((cos(i, j) - 1) / 0.1) when j is among the nearest of i, averaged over both ways
///     A = D^-1/2 W D^-1/2,   D the sums of the rows of W
///
/// Cosines are between public features, centred. Rows are stored sparsely.
package struct ProbeGraph: Sendable {
  /// Where each probe's edges begin; one more than there are probes.
  let starts: [Int]
  /// The probe at the other end of each edge, ascending within a probe.
  let neighbors: [Int]
  /// The entries of A.
  let weights: [Double]

  package var probeCount: Int { starts.count - 1 }
  package var edgeCount: Int { neighbors.count }

  /// - Parameters:
  ///   - features: Public numbers of every probe, shape `[m, d]` of any numeric type, m at least 2.
  ///   - nearest: The number of neighbours; with fewer other probes, all of them.
  /// - Complexity: O(m² d), in blocks of 1,024 probes.
  package init(features: Tensor, nearest: Int = 10) throws {
    precondition(
      features.rank == 2 && features.shape[0] > 1 && nearest > 0,
      "a graph needs features of shape [m, d] of at least 2 probes")
    let count = features.shape[0]
    let found = try Self.nearest(min(nearest, count - 1), in: features)
    var rows = [[Int: Double]](repeating: [:], count: count)
    for (probe, near) in found.enumerated() {
      for (other, cosine) in near {
        // The temperature of section 9's graph; cosines of at least -1 keep every weight above 1e-9.
        let half = exp((cosine - 1) / 0.1) / 2
        rows[probe][other, default: 0] += half
        rows[other][probe, default: 0] += half
      }
    }
    let sorted = rows.map { $0.sorted { $0.key < $1.key } }
    let degrees = sorted.map { row in row.reduce(0) { $0 + $1.value } }
    var (starts, neighbors, weights) = ([0], [Int](), [Double]())
    for (probe, row) in sorted.enumerated() {
      for (other, weight) in row {
        neighbors.append(other)
        weights.append(weight / (degrees[probe] * degrees[other]).squareRoot())
      }
      starts.append(neighbors.count)
    }
    (self.starts, self.neighbors, self.weights) = (starts, neighbors, weights)
  }

  /// A x for every column x.
  ///
  /// - Parameters:
  ///   - x: Shape `[m, columns]` by rows.
  ///   - columns: The number of columns.
  func multiplied(by x: [Double], columns: Int) -> [Double] {
    var result = [Double](repeating: 0, count: x.count)
    x.withUnsafeBufferPointer { x in
      result.withUnsafeMutableBufferPointer { result in
        for probe in 0..<probeCount {
          let row = probe * columns
          for edge in starts[probe]..<starts[probe + 1] {
            let (other, weight) = (neighbors[edge] * columns, weights[edge])
            for column in 0..<columns { result[row + column] += weight * x[other + column] }
          }
        }
      }
    }
    return result
  }

  /// A as a matrix of shape `[m, m]`.
  func dense() throws -> Tensor {
    var entries = [Double](repeating: 0, count: probeCount * probeCount)
    for probe in 0..<probeCount {
      for edge in starts[probe]..<starts[probe + 1] {
        entries[probe * probeCount + neighbors[edge]] = weights[edge]
      }
    }
    return try Tensor(entries, shape: [probeCount, probeCount])
  }

  /// For every probe its nearest others with their cosines.
  private static func nearest(_ nearest: Int, in features: Tensor) throws -> [[(Int, Double)]] {
    let values = try features.cast(to: .float32)
    let centred = try values.subtracting(values.mean([0], keepingAxes: true))
    let norms = try centred.multiplied(by: centred).sum([1], keepingAxes: true).squareRoot()
    // A probe at the centre is alike to none: its cosines are 0.
    let units = try centred.divided(by: norms.clamped(atLeast: 1e-12))
    let transposed = try units.transposed().contiguous()
    let count = units.shape[0]
    let blockSize = 1024
    var result: [[(Int, Double)]] = []
    for start in stride(from: 0, to: count, by: blockSize) {
      let rows = start..<min(start + blockSize, count)
      let cosines = try units.slice(rows).matmul(transposed)
      // One more, because a probe is its own neighbour; among duplicates it may not come first.
      let top = try engineCall("topk", [.tensor(cosines), .int(nearest + 1), .int(1)])
      let values: [Float] = try top[0].elements()
      let indices: [Int64] = try top[1].elements()
      for probe in rows {
        let place = (probe - start) * (nearest + 1)
        let others = (place..<place + nearest + 1).filter { Int(indices[$0]) != probe }
        result.append(
          others.prefix(nearest).map {
            (Int(indices[$0]), min(1, max(-1, Double(values[$0]))))
          })
      }
    }
    return result
  }
}
