/// k-ary randomised response: a label is kept with probability e^epsilon / (e^epsilon + k - 1),
/// and otherwise replaced by one of the others, all with the same probability.
///
///     weight(o) = favoured  for o = label,   other elsewhere,   S = favoured + (k - 1) other
///
/// - Domain: labels in `0 ..< categories`.
/// - Neighbours: any two labels (``PrivacyUnit/value``).
/// - Sensitivity: none enters; every output's weight is one of two, whatever the label is.
/// - Loss: pure ``epsilon``, the logarithm of a ratio of integers, rounded up.
/// - Variance: ``variance(ofPresent:)`` and ``worstVariance``, P (1 - P) / (p - q)² with P = p or q.
/// - Proof: Kairouz, Bonawitz, Ramage 2016, section 3.1; Warner 1965 for two categories, for which
///   ``BinaryResponse`` has a type of its own.
///
/// Deviation: the weights are integers, so that the bound is exact.
public struct RandomizedResponse: Hashable, Sendable {
  /// Keeps S within 64 bits for every accepted loss.
  static let greatestCategories = 1 << 20

  /// k, from 2 to 2^20.
  public let categories: Int
  let odds: Odds
  private let uniform: UniformRange
  private let byOther: ExactDivisor

  /// - Parameters:
  ///   - categories: k, from 2 to 2^20.
  ///   - epsilon: The greatest loss of a label, from 0.001 to 20.
  /// - Throws: ``PrivacyError/categoriesOutOfRange(_:greatest:)`` or
  ///   ``PrivacyError/epsilonOutOfRange(_:least:greatest:)``.
  public init(categories: Int, epsilon: Double) throws {
    try self.init(categories: categories, odds: Odds(epsilon: epsilon))
  }

  package init(categories: Int, odds: Odds) throws {
    guard categories >= 2, categories <= Self.greatestCategories else {
      throw PrivacyError.categoriesOutOfRange(categories, greatest: Self.greatestCategories)
    }
    self.categories = categories
    self.odds = odds
    uniform = UniformRange(odds.favoured + UInt64(categories - 1) * odds.other)
    byOther = ExactDivisor(odds.other)
  }

  /// The loss of one released label, rounded up; at most the epsilon asked for.
  public var epsilon: Double { odds.epsilon }

  /// The probability that the label itself is released.
  public var keepProbability: Double { Double(odds.favoured) / Double(uniform.bound) }

  /// The probability of each of the other labels.
  public var otherProbability: Double { Double(odds.other) / Double(uniform.bound) }

  /// ln P(o | label = o) - ln P(o | label = another): what one answer says for its label.
  public var logLikelihoodRatio: Double {
    naturalLogarithm(Double(odds.favoured) / Double(odds.other))
  }

  /// The variance of the unbiased estimate of one category's indicator.
  ///
  /// - Parameter present: Whether the label is that category.
  public func variance(ofPresent present: Bool) -> Double {
    let probability = present ? keepProbability : otherProbability
    let gap = keepProbability - otherProbability
    return probability * (1 - probability) / (gap * gap)
  }

  /// The greater of the two variances.
  public var worstVariance: Double {
    max(variance(ofPresent: true), variance(ofPresent: false))
  }

  /// The number of units of weight: one output for each number in `0 ..< totalWeight`.
  package var totalWeight: UInt64 { uniform.bound }

  /// The output that the `uniform`-th unit of weight belongs to, without a branch on the label.
  @inline(__always)
  package func output(_ label: UInt64, uniform: UInt64) -> Int32 {
    let changed = isAtLeast(uniform, odds.favoured)
    let index = byOther.quotient(uniform &- (odds.favoured & (0 &- changed)))
    let another = index &+ isAtLeast(index, label)
    return Int32(truncatingIfNeeded: select(changed, another, label))
  }

  /// - Parameter labels: All in `0 ..< categories`.
  package func sample(_ labels: [Int], noise: inout NoiseStream) throws -> [Int32] {
    var outputs = [Int32](repeating: 0, count: labels.count)
    for index in labels.indices {
      outputs[index] = output(
        UInt64(truncatingIfNeeded: labels[index]), uniform: try uniform.draw(from: &noise))
    }
    return outputs
  }

  /// The unbiased estimate of a category's indicator, given whether it was the output.
  func estimate(ofOutput isOutput: Bool) -> Double {
    ((isOutput ? 1 : 0) - otherProbability) / (keepProbability - otherProbability)
  }
}
