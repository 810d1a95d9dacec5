internal import LocalPrivacy

/// A whole-model budget as an equal loss for each of many released numbers.
public enum ModelBudget {
  /// The greatest loss of a number with which all of them together lose at most `epsilon`.
  ///
  /// The composition is the tightest that `ComposedLoss` has; the result is within 1e-6
  /// of the greatest, below it.
  ///
  /// - Parameters:
  ///   - count: The number of released numbers, at least 1.
  ///   - epsilon: Of all of them, between any two models; finite and above 0.
  ///   - delta: The probability of failure, in 0 ..< 1; 0 for a pure loss.
  /// - Throws: `PrivacyError.lossOutOfRange` and `PrivacyError.deltaOutOfRange`.
  /// - Complexity: O(square root of `count`) for each of some 40 steps.
  public static func epsilonPerValue(
    count: Int, epsilon: Double, delta: Double
  ) throws -> Double {
    precondition(count >= 1, "there is at least one number")
    func composed(_ each: Double) throws -> Double {
      let all = try Expenditure(
        name: "all", count: count, epsilon: each, unit: .value, mechanismName: "any")
      return try Composition(ofModel: [all]).loss(delta: delta).tightest
    }
    var low = epsilon / Double(count) * (1 - 1e-9)
    // Delta buys something: even one number may lose a little more than epsilon.
    var high = 2 * epsilon
    while try composed(high) <= epsilon { high *= 2 }
    while high > low * (1 + 1e-6) {
      let middle = (low * high).squareRoot()
      if try composed(middle) <= epsilon { low = middle } else { high = middle }
    }
    return low
  }
}
