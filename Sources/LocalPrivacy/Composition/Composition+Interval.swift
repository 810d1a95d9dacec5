extension Composition {
  /// Bounds of the composed loss by the distribution of the privacy loss, and the other figures
  /// where they are closer.
  ///
  /// It is the loss of the worst mechanisms with these losses, which are randomised responses. A
  /// budget does not count with it: where losses are chosen on the way, only
  /// ``ComposedLoss/adaptive`` holds.
  ///
  /// - Parameter delta: The probability of failure, in 0 ..< 1.
  /// - Throws: ``PrivacyError/deltaOutOfRange(_:)``.
  /// - Complexity: O(n log n) for n = 2^17, times the number of distinct losses.
  public func interval(delta: Double) throws -> AccountedInterval {
    let loss = try loss(delta: delta)
    let pure = distinctLosses
    guard delta > 0, !pure.isEmpty else {
      // 1e-12: the roundings of a sum of a few thousand products.
      return AccountedInterval(
        unit: unit, delta: delta, lower: basic * (1 - 1e-12), upper: basic)
    }
    // A part of what was released loses no more than all of it.
    var lower = pure.reduce(0) {
      max(
        $0,
        OptimalComposition(epsilon: $1.epsilon, count: $1.count)
          .epsilonFromBelow(delta: delta))
    }
    var upper = loss.tightest
    if pure.count > 1 {
      let distribution = RandomizedResponses(counts: pure).interval(delta: delta)
      lower = max(lower, distribution.lower)
      upper = min(upper, distribution.upper)
    }
    return AccountedInterval(unit: unit, delta: delta, lower: lower, upper: upper)
  }

  /// The same by the distribution of the privacy loss alone, on a grid; nil with delta 0.
  ///
  /// - Parameter delta: The probability of failure, in 0 ..< 1.
  /// - Throws: ``PrivacyError/deltaOutOfRange(_:)``.
  public func lossDistribution(delta: Double) throws -> AccountedInterval? {
    guard delta >= 0, delta < 1 else { throw PrivacyError.deltaOutOfRange(delta) }
    guard delta > 0, !distinctLosses.isEmpty else { return nil }
    let (lower, upper) = RandomizedResponses(counts: distinctLosses).interval(delta: delta)
    return AccountedInterval(unit: unit, delta: delta, lower: lower, upper: upper)
  }

  /// The greatest pure loss of which so many compose to a given one.
  ///
  /// - Parameters:
  ///   - total: What all of them together may lose; finite and above 0.
  ///   - count: The number of releases, at least 1.
  ///   - delta: The probability of failure, in 0 ..< 1.
  /// - Returns: An epsilon above 0, within 1e-6 of the greatest one and never above it.
  /// - Throws: ``PrivacyError/lossOutOfRange(_:)``, ``PrivacyError/deltaOutOfRange(_:)``, and
  ///   ``PrivacyError/emptyRelease`` for a count below 1.
  public static func lossEach(total: Double, count: Int, delta: Double) throws -> Double {
    guard total > 0, total.isFinite else { throw PrivacyError.lossOutOfRange(total) }
    guard delta >= 0, delta < 1 else { throw PrivacyError.deltaOutOfRange(delta) }
    guard count >= 1 else { throw PrivacyError.emptyRelease }
    let n = Double(count)
    var low = total / n
    while UpwardArithmetic.product(n, low) > total { low = low.nextDown }
    guard low > 0 else { throw PrivacyError.lossOutOfRange(low) }
    guard delta > 0 else { return low }
    func isEnough(_ epsilon: Double) -> Bool {
      OptimalComposition(epsilon: epsilon, count: n).delta(total) <= delta
    }
    var high = low
    repeat { high *= 2 } while isEnough(high) && high < 1e6
    while high - low > 1e-7 * high {
      let middle = low + (high - low) / 2
      if isEnough(middle) { low = middle } else { high = middle }
    }
    // The figure that a reader of the answer would compute rounds up once more.
    let sum = total / n
    while low > sum, OptimalComposition(epsilon: low, count: n).epsilon(delta: delta) > total {
      low = max(sum, low * (1 - 1e-8)).nextDown
    }
    return low
  }
}
