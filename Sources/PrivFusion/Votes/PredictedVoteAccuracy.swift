internal import Foundation

/// How right decoded votes are expected to be when each party answers only a few probes, and probes that
/// are alike pool their answers.
///
///     accuracy = S win(n q / 2 D) + (1 - S) / k,   S = min(A(D), a + (1 - a) / 5)
///     win(c)   = P[Bin(c, right) is the greatest beside k - 1 of Bin(c, wrong)], ties shared
///     right    = b keep + (1 - b) (1 - keep) / (k - 1),   wrong = (1 - right) / (k - 1)
///     keep     = e^(epsilon / q) / (e^(epsilon / q) + k - 1),   b = min(1, a / S)
///
/// A(D) is the purity of D clusters of the probes: the share of probes in the commonest class of their
/// cluster. Parties err alike, and the formula takes answers for independent; hence its two constants,
/// the 1/2 and the 1/5, which were fitted on 43 measured settings. <doc:Predictions> has its errors.
public struct PredictedVoteAccuracy: Sendable, Equatable {
  /// The expected share of probes that are given their class, in [0, 1].
  public let accuracy: Double
  /// D, the number of clusters that it is expected with: the coarser, the more answers each has.
  public let clusterCount: Int
  /// What the best number of clusters would give if the parties did not err on the same probes: by this
  /// one tells apart settings that the parties' own accuracy bounds alike.
  let unbounded: Double

  /// What an answer is worth in independent ones.
  static let independentShare = 0.5
  /// Of the probes that a party errs on, the share that all parties together are right at.
  static let recoveredShare = 0.2
  /// What all parties together are right at, at most.
  static func ceiling(partyAccuracy: Double) -> Double {
    partyAccuracy + (1 - partyAccuracy) * recoveredShare
  }

  /// The mean error of a prediction: what lies closer together is taken for equal.
  public static let meanError = 0.02

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
    let ceiling = Self.ceiling(partyAccuracy: partyAccuracy)
    // e^-x, so that a large loss is certain instead of infinite.
    let keep = 1 / (1 + Double(classes - 1) * exp(-epsilon / Double(answers)))
    func accuracy(_ count: Int, _ purity: Double) -> Double {
      let others = Double(classes - 1)
      let rate = purity > 0 ? min(1, partyAccuracy / purity) : 0
      let right = rate * keep + (1 - rate) * (1 - keep) / others
      let each = Self.independentShare * Double(parties) * Double(answers) / Double(count)
      let win = Self.win(
        meanAnswers: each, right: right, wrong: (1 - right) / others, classes: classes)
      return purity * win + (1 - purity) / Double(classes)
    }
    let unbounded = purities.reduce(into: [:]) { result, entry in
      result[entry.key] = accuracy(entry.key, entry.value)
    }
    let best = unbounded.values.max() ?? 0
    // Of those as good as the best, the fewest clusters: their many answers leave the least to luck.
    let chosen = unbounded.filter { $0.value > best - Self.meanError }.keys.min() ?? 1
    clusterCount = chosen
    self.unbounded = best
    self.accuracy = accuracy(chosen, min(purities[chosen] ?? 1, ceiling))
  }

  /// Between whole numbers of answers in proportion.
  private static func win(
    meanAnswers: Double, right: Double, wrong: Double, classes: Int
  ) -> Double {
    let fewer = Int(meanAnswers.rounded(.down))
    let share = meanAnswers - Double(fewer)
    let low = win(answers: fewer, right: right, wrong: wrong, classes: classes)
    guard share > 0 else { return low }
    return (1 - share) * low
      + share * win(answers: fewer + 1, right: right, wrong: wrong, classes: classes)
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
