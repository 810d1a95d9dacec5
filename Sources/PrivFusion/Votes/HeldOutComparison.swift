internal import Foundation

/// What numbers about the same held-out answers or probes say of two ways.
extension [Double] {
  var mean: Double { reduce(0, +) / Double(Swift.max(count, 1)) }

  /// Whether the mean is above that of `other` by more than the standard error of the difference, and
  /// by more than `least`.
  func isAbove(_ other: [Double], least: Double = 0) -> Bool {
    let differences = zip(self, other).map { $0 - $1 }
    guard differences.count > 1 else { return false }
    let mean = differences.mean
    let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let count = Double(differences.count)
    return mean > Swift.max(least, (squares / (count - 1) / count).squareRoot())
  }
}
