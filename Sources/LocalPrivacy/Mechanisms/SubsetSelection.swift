/// k-subset selection: the answer to a label is a set of categories, the likelier to hold the label.
///
///     weight(A) = favoured  for a set A of w categories that holds the label,   other elsewhere
///     w         = the whole number next to k other / (favoured + other) of the least
///                 (w favoured + (k - w) other)² / (w (k - w))
///
/// At small losses a set tells more than one category: w is near k / (e^epsilon + 1), and where that
/// is 1 the mechanism is ``RandomizedResponse``.
///
/// - Domain: labels in `0 ..< categories`.
/// - Neighbours: any two labels (``PrivacyUnit/value``).
/// - Sensitivity: none enters; every set's weight is one of two, whatever the label is.
/// - Loss: pure ``epsilon``, the logarithm of a ratio of integers, rounded up.
/// - Variance: ``variance(ofPresent:)`` and ``worstVariance``, P (1 - P) / (p - q)² with P = p or q,
///   the probabilities that a category is in the answer.
/// - Proof: Ye, Barg 2018, section III and equation 20; Wang et al. 2016, "Mutual information
///   optimally local private discrete distribution estimation", Algorithm 1.
///
/// Deviation: the weights are integers, so
/// that the bound is exact.
public struct SubsetSelection: Hashable, Sendable {
  /// A set is a mask of 32 bits, and its number is below 2^31.
  static let greatestCategories = 32

  /// k, from 2 to 32.
  public let categories: Int
  /// w, the number of categories in every answer, from 1 to k - 1.
  public let subsetSize: Int
  let odds: Odds
  /// w favoured of its numbers stand for sets that hold the label.
  private let coin: UniformRange
  private let picks: [UniformRange]

  /// - Parameters:
  ///   - categories: k, from 2 to 32.
  ///   - epsilon: The greatest loss of a label, from 0.001 to 20.
  /// - Throws: ``PrivacyError/categoriesOutOfRange(_:greatest:)`` or
  ///   ``PrivacyError/epsilonOutOfRange(_:least:greatest:)``.
  public init(categories: Int, epsilon: Double) throws {
    try self.init(categories: categories, odds: Odds(epsilon: epsilon))
  }

  package init(categories: Int, odds: Odds, subsetSize: Int? = nil) throws {
    guard categories >= 2, categories <= Self.greatestCategories else {
      throw PrivacyError.categoriesOutOfRange(categories, greatest: Self.greatestCategories)
    }
    let size = subsetSize ?? Self.bestSize(categories, odds)
    precondition(size >= 1 && size < categories, "a set holds some of the categories and not all")
    self.categories = categories
    self.subsetSize = size
    self.odds = odds
    // At most 32 x 2^61 / 2: half of all categories are chosen at an epsilon near 0 only, and one
    // of them at 20.
    coin = UniformRange(UInt64(size) * odds.favoured + UInt64(categories - size) * odds.other)
    picks = (0..<size).map { UniformRange(UInt64(categories - 1 - $0)) }
  }

  /// The loss of one released set, rounded up; at most the epsilon asked for.
  public var epsilon: Double { odds.epsilon }

  /// The number of sets that can be answered, k over w.
  public var subsetCount: Int { Self.binomials[categories][subsetSize] }

  /// The probability of each single set that holds the label.
  public var insideProbability: Double { setProbability(odds.favoured) }

  /// The probability of each single set that does not.
  public var outsideProbability: Double { setProbability(odds.other) }

  /// The probability that the label is in its answer.
  public var holdProbability: Double {
    Double(UInt64(subsetSize) * odds.favoured) / Double(coin.bound)
  }

  /// ln P(A | a label in A) - ln P(A | another): what one answer says for its categories.
  public var logLikelihoodRatio: Double {
    naturalLogarithm(Double(odds.favoured) / Double(odds.other))
  }

  /// The variance of the unbiased estimate of one category's indicator.
  ///
  /// - Parameter present: Whether the label is that category.
  public func variance(ofPresent present: Bool) -> Double {
    let probability = present ? holdProbability : otherProbability
    let gap = holdProbability - otherProbability
    return probability * (1 - probability) / (gap * gap)
  }

  /// The greater of the two variances.
  public var worstVariance: Double {
    max(variance(ofPresent: true), variance(ofPresent: false))
  }

  /// The categories of an output, ascending, of shape `[subsetSize]`.
  ///
  /// - Parameter output: In `0 ..< subsetCount`.
  public func subset(of output: Int32) -> [Int] {
    precondition(output >= 0 && Int(output) < subsetCount, "an output is the number of a set")
    var left = Int(output)
    var found: [Int] = []
    var candidate = categories - 1
    for size in stride(from: subsetSize, to: 0, by: -1) {
      while Self.binomials[candidate][size] > left { candidate -= 1 }
      left -= Self.binomials[candidate][size]
      found.append(candidate)
    }
    return found.reversed()
  }

  /// The unbiased estimate of a category's indicator, given whether it is in the answer.
  func estimate(ofHeld isHeld: Bool) -> Double {
    ((isHeld ? 1 : 0) - otherProbability) / (holdProbability - otherProbability)
  }

  /// The probability that a certain other category is in the answer.
  private var otherProbability: Double {
    (Double(subsetSize) - holdProbability) / Double(categories - 1)
  }

  /// weight / sum of all weights, which is (k over w) (w favoured + (k - w) other) / k.
  private func setProbability(_ weight: UInt64) -> Double {
    Double(weight) * Double(categories) / (Double(subsetCount) * Double(coin.bound))
  }
}

// MARK: - Drawing

extension SubsetSelection {
  /// The number of units of weight of the coin: sets that hold the label have the first of them.
  package var coinWeight: UInt64 { coin.bound }

  /// How many categories each pick is from, of shape `[subsetSize]`.
  package var pickCounts: [UInt64] { picks.map(\.bound) }

  /// The number of the set that a coin and picks stand for, without a branch on the label.
  ///
  /// The picks are an ordered draw of w of the other categories. A set that holds the label has it
  /// in the place of the last of them.
  /// - Parameters:
  ///   - label: In `0 ..< categories`.
  ///   - coin: Uniform in `0 ..< coinWeight`.
  ///   - picks: Each uniform below its number in `pickCounts`.
  package func output(_ label: UInt64, coin: UInt64, picks: [UInt64]) -> Int32 {
    let count = UInt64(categories)
    // The other categories, as distances from the label round the circle of all.
    var distances = (1..<count).map { $0 }
    let isHeld = 1 &- isAtLeast(coin, UInt64(subsetSize) &* odds.favoured)
    var mask: UInt64 = 0
    for (place, pick) in picks.enumerated() {
      distances.swapAt(place, place + Int(pick))
      let sum = label &+ distances[place]
      let other = sum &- (count & (0 &- isAtLeast(sum, count)))
      let isLast: UInt64 = place == picks.count - 1 ? 1 : 0
      mask |= 1 << select(isHeld & isLast, label, other)
    }
    return number(of: mask)
  }

  /// - Parameter labels: All in `0 ..< categories`.
  package func sample(_ labels: [Int], noise: inout NoiseStream) throws -> [Int32] {
    var outputs = [Int32](repeating: 0, count: labels.count)
    var drawn = [UInt64](repeating: 0, count: subsetSize)
    for index in labels.indices {
      let uniform = try coin.draw(from: &noise)
      for place in drawn.indices { drawn[place] = try picks[place].draw(from: &noise) }
      outputs[index] = output(
        UInt64(truncatingIfNeeded: labels[index]), coin: uniform, picks: drawn)
    }
    return outputs
  }

  /// The number of a set in the order of its greatest categories: the sum of c_i over i, with c_i
  /// the i-th smallest. What is branched on is the released set.
  ///
  /// Knuth 2011, section 7.2.1.3, theorem L.
  private func number(of mask: UInt64) -> Int32 {
    var number = 0
    var size = 0
    for category in 0..<categories where mask >> UInt64(category) & 1 == 1 {
      size += 1
      number += Self.binomials[category][size]
    }
    return Int32(truncatingIfNeeded: number)
  }

  /// n over i for n and i up to 32.
  private static let binomials: [[Int]] = {
    var rows = [[1] + [Int](repeating: 0, count: greatestCategories)]
    for _ in 0..<greatestCategories {
      let last = rows[rows.count - 1]
      rows.append([1] + zip(last, last.dropFirst()).map { $0 + $1 })
    }
    return rows
  }()

  /// w. The risk is convex in it, with its least at k other / (favoured + other). It is a choice by
  /// public numbers, the same on every machine: divisions and products of `Double` are exactly rounded.
  private static func bestSize(_ categories: Int, _ odds: Odds) -> Int {
    let (favoured, other) = (Double(odds.favoured), Double(odds.other))
    let best = Int(Double(categories) * other / (favoured + other))
    func risk(_ size: Int) -> Double {
      let total = Double(size) * favoured + Double(categories - size) * other
      return total * total / (Double(size) * Double(categories - size))
    }
    let smaller = min(max(best, 1), categories - 1)
    let greater = min(smaller + 1, categories - 1)
    return risk(greater) < risk(smaller) ? greater : smaller
  }
}
