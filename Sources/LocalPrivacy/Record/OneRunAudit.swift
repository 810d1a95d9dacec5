/// A lower bound of a procedure's epsilon, from one run with canaries.
///
/// Of m canaries each is put into the training with probability 1/2; whoever sees the release
/// guesses for r of them whether they were in, and v guesses are right. Under (epsilon, delta)
///
///     q     = 1 / (1 + e^-epsilon),   beta = P[Bin(r, q) >= v]
///     alpha = max over 1 <= i <= v of (P[Bin(r, q) >= v - i] - beta) / i
///     P[at least v are right] <= beta + 2 m delta alpha
///
/// Steinke, Nasr, Jagielski 2023, "Privacy Auditing with One (1) Training Run", Theorem 5.2 and
/// Algorithm 1.
public enum OneRunAudit {
  static let greatestCanaries = 10_000_000

  /// The greatest epsilon that the guesses refute: with the given confidence the procedure is not
  /// (epsilon, delta)-private for any smaller one.
  ///
  /// - Parameters:
  ///   - canaries: m, from 1 to 10^7.
  ///   - guesses: r, from 0 to m.
  ///   - right: v, from 0 to r.
  ///   - delta: In 0 ..< 1.
  ///   - confidence: Above 0 and below 1; customarily 0.95.
  /// - Returns: 0 when nothing is refuted; rounded down, within 1e-9.
  /// - Throws: ``PrivacyError/auditCountsOutOfRange(canaries:guesses:right:)``,
  ///   ``PrivacyError/deltaOutOfRange(_:)``, ``PrivacyError/confidenceOutOfRange(_:)``.
  /// - Complexity: O(r).
  public static func epsilonLowerBound(
    canaries: Int, guesses: Int, right: Int, delta: Double, confidence: Double
  ) throws -> Double {
    guard canaries >= 1, canaries <= greatestCanaries, guesses >= 0, guesses <= canaries,
      right >= 0, right <= guesses
    else {
      throw PrivacyError.auditCountsOutOfRange(
        canaries: canaries, guesses: guesses, right: right)
    }
    guard delta >= 0, delta < 1 else { throw PrivacyError.deltaOutOfRange(delta) }
    guard confidence > 0, confidence < 1 else {
      throw PrivacyError.confidenceOutOfRange(confidence)
    }
    guard right > 0 else { return 0 }
    func isRefuted(_ epsilon: Double) -> Bool {
      // 1e-9: the relative error of the binomial tails.
      probability(canaries, guesses, right, delta, epsilon) * (1 + 1e-9) < 1 - confidence
    }
    guard isRefuted(0) else { return 0 }
    var low = 0.0
    var high = 1.0
    while isRefuted(high) {
      low = high
      high *= 2
    }
    while high - low > 1e-9 {
      let middle = (low + high) / 2
      if isRefuted(middle) { low = middle } else { high = middle }
    }
    return low
  }

  /// The bound of the probability that at least v guesses are right.
  private static func probability(
    _ canaries: Int, _ guesses: Int, _ right: Int, _ delta: Double, _ epsilon: Double
  ) -> Double {
    func mass(_ count: Int) -> Double {
      Binomial.probability(of: Double(count), count: Double(guesses), odds: epsilon)
    }
    let beta = (right...guesses).reversed().reduce(0) { $0 + mass($1) }
    guard delta > 0 else { return beta }
    var alpha = 0.0
    var between = 0.0
    for drop in 1...right {
      between += mass(right - drop)
      alpha = max(alpha, between / Double(drop))
      // The sum is at most 1: no later quotient is greater.
      if alpha * Double(drop) >= 1 || 1 / Double(drop) < alpha { break }
    }
    return min(1, beta + 2 * Double(canaries) * delta * alpha)
  }
}
