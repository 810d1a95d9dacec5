internal import Models

/// How one pass over the samples is cut into batches.
struct Batches {
  /// Positions in the order of an epoch, a batch each.
  let ranges: [Range<Int>]
  private let count: Int

  /// - Parameters:
  ///   - count: The number of samples; above 0.
  ///   - size: The only batch size that the model takes, if it declares one.
  ///   - limit: The batch size otherwise.
  init(count: Int, size: Int?, atMost limit: Int) {
    self.count = count
    if let size {
      // Every batch is full: the last one begins the order again.
      ranges = stride(from: 0, to: count, by: size).map { $0..<($0 + size) }
      return
    }
    var ranges = stride(from: 0, to: count, by: limit).map { $0..<min($0 + limit, count) }
    // The variance of one sample is undefined, so batch normalisation never sees one alone.
    if ranges.count > 1, limit > 1, ranges[ranges.count - 1].count == 1 {
      ranges.removeLast()
      ranges[ranges.count - 1] = ranges[ranges.count - 1].lowerBound..<count
    }
    self.ranges = ranges
  }

  /// A fresh order of the samples, as long as the last range reaches.
  func order(using generator: inout SeededGenerator) -> [Int] {
    let shuffled = Array(0..<count).shuffled(using: &generator)
    let length = ranges.last?.upperBound ?? 0
    return (0..<length).map { shuffled[$0 % count] }
  }
}

extension ModelGraph {
  /// The batch size that the first input declares, if it is not free.
  package var fixedBatchSize: Int? {
    guard let first = inputs.first?.shape.first else { return nil }
    return first
  }
}
