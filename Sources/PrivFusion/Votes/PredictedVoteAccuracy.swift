internal import Foundation

/// How right decoded votes are expected to be when the whole model is the record: each party then
/// answers only a few probes, and probes that are alike pool their answers.
///
///     accuracy = max over D of A(D) win(n q / D) + (1 - A(D)) / k
///     win(c) = P[Bin(c, right) is the greatest beside k - 1 of Bin(c, wrong)], ties shared
///     right = b keep + (1 - b) (1 - keep) / (k - 1),   wrong = (1 - right) / (k - 1)
///     keep = e^(epsilon / q) / (e^(epsilon / q) + k - 1),   b = min(1, a / A(D))
///
/// A(D) is the purity of D clusters of the probes: the share of probes in the commonest class of their
/// cluster. Answers of the k classes are taken as independent, which they are not quite.
public struct PredictedVoteAccuracy: Sendable, Equatable {
  /// The expected share of probes that are given their class, in [0, 1].
  public let accuracy: Double
  /// D, the number of clusters that it is expected with: the coarser, the more answers each has.
  public let clusterCount: Int

  /// The number of probes that each party answers: with about 4 for each, few answers that say much.
  ///
  /// - Parameter epsilon: The loss of all of a party's answers together, above 0.
  public static func answersPerParty(epsilon: Double) -> Int {
    precondition(epsilon > 0 && epsilon.isFinite, "epsilon must be finite and above 0")
    return Int(max(1, min((epsilon / 4).rounded(), 1e6)))
  }

  /// - Parameters:
  ///   - parties: n, at least 1.
  ///   - epsilon: The loss of all of a party's answers together, above 0.
  ///   - classes: k, at least 2.
  ///   - partyAccuracy: a, the share that a party's own labels are right at, in [0, 1].
  ///   - purities: A(D) in (0, 1] by D, at least one.
  /// - Complexity: O(n q k) for every D.
  public init(
    parties: Int, epsilon: Double, classes: Int, partyAccuracy: Double, purities: [Int: Double]
  ) {
    self.init(
      parties: parties, answers: Self.answersPerParty(epsilon: epsilon), epsilon: epsilon,
      classes: classes, partyAccuracy: partyAccuracy, purities: purities)
  }

  /// - Parameters:
  ///   - parties: n, at least 1.
  ///   - answers: q, the number of each party's answers, at least 1.
  ///   - epsilon: The loss of all of a party's answers together, above 0.
  ///   - classes: k, at least 2.
  ///   - partyAccuracy: a, the share that a party's own labels are right at, in [0, 1].
  ///   - purities: A(D) in (0, 1] by D, at least one.
  /// - Complexity: O(n q k) for every D.
  public init(
    parties: Int, answers: Int, epsilon: Double, classes: Int, partyAccuracy: Double,
    purities: [Int: Double]
  ) {
    precondition(
      parties > 0 && answers > 0 && classes > 1 && (0...1).contains(partyAccuracy)
        && !purities.isEmpty
        && purities.allSatisfy { $0.key > 0 && $0.value > 0 && $0.value <= 1 },
      "parties and clusters are at least 1, classes at least 2, and shares within 0 and 1")
    let others = Double(classes - 1)
    // e^-x, so that a large loss is certain instead of infinite.
    let keep = 1 / (1 + others * exp(-epsilon / Double(answers)))
    let all = purities.map { count, purity -> (accuracy: Double, count: Int) in
      let rate = min(1, partyAccuracy / purity)
      let right = rate * keep + (1 - rate) * (1 - keep) / others
      let win = Self.win(
        answers: parties * answers / count, right: right, wrong: (1 - right) / others,
        classes: classes)
      return (purity * win + (1 - purity) / Double(classes), count)
    }
    // Of equals the fewest clusters, whatever the order of the dictionary.
    let best = all.max { ($0.accuracy, -$0.count) < ($1.accuracy, -$1.count) }
    accuracy = best?.accuracy ?? 0
    clusterCount = best?.count ?? 0
  }

  /// The probability that the right class has the most of `answers` answers, ties shared.
  ///
  ///     sum over x of P[X = x] / k · sum over i < k of F(x)^i F(x - 1)^(k - 1 - i)
  ///
  /// F is the distribution of one wrong class. The inner sum is what sharing x among 1 + j classes
  /// with probability 1 / (1 + j) comes to.
  package static func win(answers: Int, right: Double, wrong: Double, classes: Int) -> Double {
    var total = 0.0
    var below = 0.0
    for x in 0...answers {
      let upTo = min(1, below + binomial(x, of: answers, wrong))
      var shared = 0.0
      for i in 0..<classes {
        shared += pow(upTo, Double(i)) * pow(below, Double(classes - 1 - i))
      }
      total += binomial(x, of: answers, right) * shared / Double(classes)
      below = upTo
    }
    return min(1, total)
  }

  private static func binomial(_ x: Int, of count: Int, _ probability: Double) -> Double {
    guard probability > 0 else { return x == 0 ? 1 : 0 }
    guard probability < 1 else { return x == count ? 1 : 0 }
    let (n, hits, misses) = (Double(count), Double(x), Double(count - x))
    let ways: Double = lgamma(n + 1) - lgamma(hits + 1) - lgamma(misses + 1)
    let chance: Double = hits * log(probability) + misses * log1p(-probability)
    return exp(ways + chance)
  }
}
