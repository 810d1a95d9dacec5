/// The exact composed loss of n randomised responses with the same pure loss, which is the
/// greatest of any n mechanisms with that loss.
///
///     delta(e) = sum over x with L(x) > e of P(x) (1 - exp(e - L(x)))
///     P = Binomial(n, e^epsilon / (1 + e^epsilon)),   L(x) = (2 x - n) epsilon
///
/// Kairouz, Oh, Viswanath 2015, Theorem 3. Deviation: the theorem lists the points
/// e = (n - 2 i) epsilon; the same sum between them gives the least e for a given delta.
struct OptimalComposition {
  let epsilon: Double
  /// n, a whole number.
  let count: Double

  /// An upper bound of the least e with delta(e) <= delta, within 1e-9 of it.
  ///
  /// - Parameter delta: In (0, 1).
  func epsilon(delta: Double) -> Double {
    let greatest = UpwardArithmetic.product(count, epsilon)
    let high = interval { self.delta($0) <= delta }.upper
    return high == 0 ? 0 : min(greatest, UpwardArithmetic.bound(high))
  }

  /// A lower bound of it, as near.
  func epsilonFromBelow(delta: Double) -> Double {
    interval { sum($0) * (1 - Self.relativeError) <= delta }.lower * (1 - 1e-10)
  }

  /// Two losses around the least one that is enough.
  private func interval(
    _ isEnough: (Double) -> Bool
  ) -> (lower: Double, upper: Double) {
    if isEnough(0) { return (0, 0) }
    var low = 0.0
    var high = UpwardArithmetic.product(count, epsilon)
    while high - low > 1e-10 * high {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { break }
      if isEnough(middle) { high = middle } else { low = middle }
    }
    return (low, high)
  }

  /// The error of the probability and the sum, and the terms left out.
  private static let relativeError = 1e-7

  /// An upper bound of delta(e).
  func delta(_ loss: Double) -> Double { sum(loss) * (1 + Self.relativeError) }

  /// delta(e), by summing upwards from the first x with L(x) > e.
  ///
  /// - Complexity: O(square root of n): the terms fall faster than geometrically past the mode.
  private func sum(_ loss: Double) -> Double {
    let first = max(0, ((loss / epsilon + count) / 2).rounded(.down) + 1)
    guard first <= count else { return 0 }
    let keep = 1 / (1 + exponential(-epsilon))
    let odds = exponential(epsilon)
    var x = first
    // Summed relative to the probability at a point near the mode, where none underflows.
    var sum = 0.0
    let anchor = max(first, (count * keep).rounded(.down))
    if first < anchor {
      var ratio = 1.0
      x = anchor
      while x > first, ratio > 1e-25 {
        ratio *= x / ((count - x + 1) * odds)
        x -= 1
        sum += ratio * gain(x, loss)
      }
    }
    x = anchor
    var ratio = 1.0
    while ratio > 1e-25 {
      sum += ratio * gain(x, loss)
      guard x < count else { break }
      ratio *= (count - x) * odds / (x + 1)
      x += 1
    }
    return sum * Binomial.probability(of: anchor, count: count, odds: epsilon)
  }

  /// 1 - exp(e - L(x)), for L(x) > e.
  private func gain(_ x: Double, _ loss: Double) -> Double {
    max(0, -exponentialMinusOne(loss - (2 * x - count) * epsilon))
  }
}
