internal import Synchronization

/// How far several parts that run side by side are together.
final class OverallProgress: Sendable {
  private let fractions: Mutex<[Double]>

  init(parts: Int) { fractions = Mutex([Double](repeating: 0, count: parts)) }

  /// Notes how far one part is; returns the mean of all.
  func update(_ part: Int, _ fraction: Double) -> Double {
    fractions.withLock { all in
      all[part] = fraction
      return all.reduce(0, +) / Double(all.count)
    }
  }
}
