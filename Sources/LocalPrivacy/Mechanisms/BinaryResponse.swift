/// 1-bit randomised response: a Boolean is told as it is with probability e^epsilon / (e^epsilon + 1),
/// and otherwise turned round.
///
///     weight(o) = favoured  for o = answer,   other for the opposite,   S = favoured + other
///     estimate  = (o - q) / (p - q),   p = favoured / S,   q = other / S
///
/// - Domain: Booleans.
/// - Neighbours: any two answers (``PrivacyUnit/value``).
/// - Sensitivity: none enters; the two inputs are all neighbours that there are.
/// - Loss: pure ``epsilon``, the logarithm of a ratio of integers, rounded up.
/// - Variance: ``variance``, p q / (p - q)², the same for both answers.
/// - Proof: Warner 1965; Dwork, Roth 2014, section 3.2.
///
/// Deviation: the weights are integers, so that the bound is exact. ``RandomizedResponse`` of two
/// categories has the same probabilities; this one draws the noise of 256 answers at a time, and gives
/// one estimate an answer.
public struct BinaryResponse: Hashable, Sendable {
  let odds: Odds
  private let flip: ParallelTrial

  /// - Parameter epsilon: The greatest loss of an answer, from 0.001 to 20.
  /// - Throws: ``PrivacyError/epsilonOutOfRange(_:least:greatest:)`` otherwise, and for NaN.
  public init(epsilon: Double) throws { self.init(odds: try Odds(epsilon: epsilon)) }

  package init(odds: Odds) {
    self.odds = odds
    flip = ParallelTrial(.rational(odds.other, over: odds.favoured + odds.other))
  }

  /// The loss of one released answer, rounded up; at most the epsilon asked for.
  public var epsilon: Double { odds.epsilon }

  /// p: the probability that an answer is told as it is.
  public var keepProbability: Double {
    Double(odds.favoured) / Double(odds.favoured + odds.other)
  }

  /// The variance of the unbiased estimate of an answer, which is 1 for true and 0 for false.
  public var variance: Double {
    let gap = Double(odds.favoured - odds.other)
    return Double(odds.favoured) / gap * (Double(odds.other) / gap)
  }

  /// The unbiased estimate of an answer, given what was told.
  func estimate(_ output: Int32) -> Double {
    let gap = Double(odds.favoured - odds.other)
    return (output == 1 ? Double(odds.favoured) : -Double(odds.other)) / gap
  }

  /// What is told of an answer, without a branch on it.
  ///
  /// - Parameters:
  ///   - answer: 0 or 1.
  ///   - flipped: 1 with probability other / (favoured + other), otherwise 0.
  @inline(__always)
  package static func output(_ answer: UInt64, flipped: UInt64) -> Int32 {
    Int32(truncatingIfNeeded: answer ^ flipped)
  }

  /// - Parameter answers: Of shape `[n]`.
  /// - Returns: 0 or 1 for each.
  /// - Throws: ``PrivacyError/randomnessUnavailable``.
  /// - Complexity: O(n).
  package func sample(_ answers: [Bool], noise: inout NoiseStream) throws -> [Int32] {
    try [Int32](unsafeUninitializedCapacity: answers.count) { outputs, initialized in
      for start in stride(from: 0, to: answers.count, by: 256) {
        let flips = try flip.draw(from: &noise)
        for part in 0..<4 {
          let first = start + 64 * part
          for index in first..<max(first, min(first + 64, answers.count)) {
            outputs[index] = Self.output(
              answers[index] ? 1 : 0, flipped: flips[part] &>> UInt64(index &- first) & 1)
          }
        }
      }
      initialized = answers.count
    }
  }
}
