internal import Models
internal import Tensors

/// k-means of points, all in double precision.
struct SphereMeans {
  struct Clusters {
    /// The cluster of every point.
    let assignment: [Int]
    /// The squared distance of every point from its cluster's mean.
    let distances: [Double]
    /// The sum of the distances.
    let spread: Double
  }

  private let points: Tensor
  private let values: [Double]
  private let count: Int
  private let width: Int
  private static let rounds = 20

  /// - Parameter points: Shape `[m, r]`, in double precision.
  init(_ points: Tensor) throws {
    self.points = points
    values = try points.elements()
    (count, width) = (points.shape[0], points.shape[1])
  }

  func clusters(_ wanted: Int, using generator: inout SeededGenerator) throws -> Clusters {
    var centres = starts(wanted, using: &generator)
    var (assignment, distances) = try nearest(centres, wanted)
    for _ in 0..<Self.rounds {
      var sums = [Double](repeating: 0, count: wanted * width)
      var sizes = [Double](repeating: 0, count: wanted)
      for (point, cluster) in assignment.enumerated() {
        sizes[cluster] += 1
        for column in 0..<width {
          sums[cluster * width + column] += values[point * width + column]
        }
      }
      for cluster in 0..<wanted where sizes[cluster] > 0 {
        for column in 0..<width {
          centres[cluster * width + column] = sums[cluster * width + column] / sizes[cluster]
        }
      }
      let before = assignment
      (assignment, distances) = try nearest(centres, wanted)
      if assignment == before { break }
    }
    return Clusters(
      assignment: assignment, distances: distances, spread: distances.reduce(0, +))
  }

  /// Points drawn one after another with probabilities proportional to their squared distance from
  /// those drawn before.
  private func starts(_ wanted: Int, using generator: inout SeededGenerator) -> [Double] {
    var found = point(Int.random(in: 0..<count, using: &generator))
    var distances = (0..<count).map { distance($0, found[...]) }
    for _ in 1..<max(wanted, 1) {
      var left = Double.random(in: 0..<1, using: &generator) * distances.reduce(0, +)
      var chosen = 0
      for index in 0..<count {
        chosen = index
        left -= distances[index]
        if left < 0 { break }
      }
      let next = point(chosen)
      found += next
      for index in 0..<count {
        distances[index] = min(distances[index], distance(index, next[...]))
      }
    }
    return found
  }

  private func nearest(_ centres: [Double], _ wanted: Int) throws -> ([Int], [Double]) {
    let centres = try Tensor(centres, shape: [wanted, width])
    let squares = try centres.multiplied(by: centres).sum([1])
    // |x|² minus the squared distance.
    let closeness = try points.matmul(centres.transposed()).multiplied(by: 2).subtracting(squares)
    let assignment: [Int64] = try closeness.argmax(axis: 1).elements()
    let lengths = try points.multiplied(by: points).sum([1])
    let distances: [Double] = try lengths.subtracting(closeness.maximum(axis: 1)).elements()
    return (assignment.map(Int.init), distances.map { max($0, 0) })
  }

  private func point(_ index: Int) -> [Double] {
    Array(values[index * width..<(index + 1) * width])
  }

  private func distance(_ index: Int, _ other: ArraySlice<Double>) -> Double {
    var sum = 0.0
    for (column, value) in other.enumerated() {
      let difference = values[index * width + column] - value
      sum += difference * difference
    }
    return sum
  }
}
