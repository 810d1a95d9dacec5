/// Optimised unary encoding: a label is k bits, one for each category, and each is randomised by itself.
///
///     P(bit = 1) = p = 1/2                              at the label's category
///     P(bit = 1) = q = other / (favoured + other)       elsewhere,   about 1 / (e^epsilon + 1)
///     estimate   = (bit - q) / (p - q)                  of each category's indicator
///
/// One answer is one datum of loss ``epsilon``, however many bits it has. The noise in an estimate does
/// not grow with k, so that it says more than ``RandomizedResponse`` where k - 2 > 3 e^epsilon; an
/// answer takes k bits.
///
/// - Domain: labels in `0 ..< categories`.
/// - Neighbours: any two labels (``PrivacyUnit/value``).
/// - Sensitivity: two encodings differ in two bits; only those enter the ratio.
/// - Loss: pure ``epsilon``, the logarithm of a ratio of integers, rounded up.
/// - Variance: ``variance(ofPresent:)``: q (1 - q) / (p - q)² or 1 / (2 (p - q))².
/// - Proof: for labels x and y the probabilities of an answer have the ratio
///
///         P(b[x] | 1) / P(b[x] | 0)  times  P(b[y] | 0) / P(b[y] | 1)
///           <=  (p / q) ((1 - q) / (1 - p))  =  (1 - q) / q  =  favoured / other
///
///   Wang, Blocki, Li, Jha 2017 (USENIX Security), "Optimized Unary Encoding".
///
/// Deviation: q is a ratio of integers, and the bits are drawn exactly, so that the bound is exact.
public struct UnaryEncoding: Hashable, Sendable {
  /// So many bits are 8 KiB an answer.
  static let greatestCategories = 1 << 16

  /// k, from 2 to 2^16.
  public let categories: Int
  let odds: Odds
  private let absent: ParallelTrial

  /// - Parameters:
  ///   - categories: k, from 2 to 2^16.
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
    absent = ParallelTrial(.rational(odds.other, over: odds.favoured + odds.other))
  }

  /// The loss of one released label, rounded up; at most the epsilon asked for.
  public var epsilon: Double { odds.epsilon }

  /// q: the probability of a bit that is not the label's.
  public var otherProbability: Double {
    Double(odds.other) / Double(odds.favoured + odds.other)
  }

  /// The variance of the unbiased estimate of one category's indicator.
  ///
  /// - Parameter present: Whether the label is that category.
  public func variance(ofPresent present: Bool) -> Double {
    // p - q = (favoured - other) / 2 (favoured + other).
    let (favoured, other) = (Double(odds.favoured), Double(odds.other))
    let gap = Double(odds.favoured - odds.other)
    return present
      ? (favoured + other) / gap * ((favoured + other) / gap) : 4 * (favoured / gap) * (other / gap)
  }

  /// The greater of the two variances: that of the label's own category.
  public var worstVariance: Double { variance(ofPresent: true) }

  /// The unbiased estimate of a category's indicator, given its bit.
  func estimate(ofBit bit: Int32) -> Double {
    let gap = Double(odds.favoured - odds.other)
    return 2 * (bit == 1 ? Double(odds.favoured) : -Double(odds.other)) / gap
  }

  /// The bit of a category, without a branch on the label.
  ///
  /// - Parameters:
  ///   - label: The private one.
  ///   - present: 1 with probability 1/2, otherwise 0.
  ///   - absent: 1 with probability q, otherwise 0.
  @inline(__always)
  package static func bit(
    of category: UInt64, label: UInt64, present: UInt64, absent: UInt64
  ) -> Int32 {
    let isOther = isAtLeast(category ^ label, 1)
    return Int32(truncatingIfNeeded: select(isOther, absent, present))
  }

  /// - Parameter labels: All in `0 ..< categories`, of shape `[n]`.
  /// - Returns: Bits of shape `[n, categories]` by rows, each 0 or 1.
  /// - Throws: ``PrivacyError/randomnessUnavailable``.
  /// - Complexity: O(n categories).
  package func sample(_ labels: [Int], noise: inout NoiseStream) throws -> [Int32] {
    let count = labels.count * categories
    return try [Int32](unsafeUninitializedCapacity: count) { outputs, initialized in
      for start in stride(from: 0, to: count, by: 256) {
        let absents = try absent.draw(from: &noise)
        for part in 0..<4 {
          let first = start + 64 * part
          for index in first..<max(first, min(first + 64, count)) {
            outputs[index] = Int32(
              truncatingIfNeeded: absents[part] &>> UInt64(index &- first) & 1)
          }
        }
      }
      for (row, label) in labels.enumerated() {
        let present = try noise.next() & 1
        for category in 0..<categories {
          let index = row &* categories &+ category
          outputs[index] = Self.bit(
            of: UInt64(truncatingIfNeeded: category), label: UInt64(truncatingIfNeeded: label),
            present: present, absent: UInt64(truncatingIfNeeded: outputs[index]))
        }
      }
      initialized = count
    }
  }
}
