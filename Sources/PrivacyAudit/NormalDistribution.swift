internal import Foundation

/// The standard normal distribution.
enum NormalDistribution {
  /// P[N(0, 1) > x].
  static func upperTail(_ x: Double) -> Double { erfc(x / 2.0.squareRoot()) / 2 }

  /// Phi^-1(p), within 1e-10: the x with P[N(0, 1) <= x] = p; infinite for 0 and 1.
  static func quantile(_ probability: Double) -> Double {
    if probability <= 0 { return -.infinity }
    if probability >= 1 { return .infinity }
    // The smaller tail, which keeps its relative precision.
    return probability < 0.5 ? -deviate(tail: probability) : deviate(tail: 1 - probability)
  }

  /// x with P[N(0, 1) > x] = tail, within 1e-12.
  ///
  /// - Parameter tail: Above 0 and below 1.
  static func deviate(tail: Double) -> Double {
    var (low, high) = (-40.0, 40.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if upperTail(middle) > tail { low = middle } else { high = middle }
    }
    return low
  }
}
