internal import Foundation
internal import LocalPrivacy

/// Exact one-sided bounds of a probability from a count of successes.
///
///     lower = sup { p : P[Bin(n, p) >= x] <= alpha },   alpha = 1 - confidence
///     upper = inf { p : P[Bin(n, p) <= x] <= alpha }
///
/// Whatever the probability is, each bound is on its wrong side with a chance of at most alpha.
/// Clopper, Pearson 1934, "The use of confidence or fiducial limits illustrated in the case of the
/// binomial", section 2. Deviation: the tails are summed and not taken from a beta function, and
/// both bounds are rounded outwards.
public enum ClopperPearson {
  /// - Parameters:
  ///   - successes: x, from 0 to `trials`.
  ///   - trials: n, from 1 to 10^15.
  ///   - confidence: From 0.5 to below 1.
  /// - Returns: 0 without a success; at most 1e-9 of itself below the exact bound.
  /// - Complexity: O(sqrt n).
  public static func lowerBound(successes: Int, trials: Int, confidence: Double) -> Double {
    check(successes, trials, confidence)
    guard successes > 0 else { return 0 }
    let odds = logOddsBound(successes, trials, confidence)
    return (1 - 1e-12) / (1 + exp(-odds))
  }

  /// - Parameters:
  ///   - successes: x, from 0 to `trials`.
  ///   - trials: n, from 1 to 10^15.
  ///   - confidence: From 0.5 to below 1.
  /// - Returns: 1 without a failure; at most 1e-9 of itself above the exact bound.
  /// - Complexity: O(sqrt n).
  public static func upperBound(successes: Int, trials: Int, confidence: Double) -> Double {
    check(successes, trials, confidence)
    guard successes < trials else { return 1 }
    // Failures are successes of the other side; their odds are the inverse.
    let odds = logOddsBound(trials - successes, trials, confidence)
    return min(1, (1 + 1e-12) / (1 + exp(odds)))
  }

  private static func check(_ successes: Int, _ trials: Int, _ confidence: Double) {
    precondition(trials >= 1 && trials <= 1_000_000_000_000_000)
    precondition(successes >= 0 && successes <= trials)
    precondition(confidence >= 0.5 && confidence < 1)
  }

  /// ln p / (1 - p) of the lower bound p, rounded down.
  private static func logOddsBound(
    _ successes: Int, _ trials: Int, _ confidence: Double
  ) -> Double {
    func isRefuted(_ odds: Double) -> Bool {
      // 1e-10: the relative error of the binomial tail.
      tail(from: successes, of: trials, odds: odds) * (1 + 1e-10) <= 1 - confidence
    }
    // Of 10^15 trials and a confidence of 1 - 2^-53 the logarithm is within 72 of 0.
    var (low, high) = (-100.0, 100.0)
    for _ in 0..<64 {
      let middle = (low + high) / 2
      if isRefuted(middle) { low = middle } else { high = middle }
    }
    return low
  }

  /// P[Bin(n, p) >= x], or 1 where it is at least one half.
  private static func tail(from successes: Int, of trials: Int, odds: Double) -> Double {
    let count = Double(trials)
    // The median is at least the mean rounded down.
    if Double(successes) <= count / (1 + exp(-odds)) { return 1 }
    var term = Binomial.probability(of: Double(successes), count: count, odds: odds)
    var sum = term
    let ratio = exp(odds)
    var reached = Double(successes)
    // Above the mean each term is less than the one before it.
    while reached < count {
      term *= (count - reached) / (reached + 1) * ratio
      reached += 1
      let next = sum + term
      if next == sum { break }
      sum = next
    }
    return sum
  }
}
