internal import Foundation
internal import LocalPrivacy
package import Tensors

/// How each party's own label depends on the true class: a matrix for every party.
///
///     C[c, z] = P(own label = z | class = c)
///     B[c, o] = sum over z of C[c, z] R[z, o],   R the known randomiser
///
/// Parties trained on unlike data err in unlike ways; what they released tells how. The matrices are
/// estimated by expectation maximisation (Dawid & Skene 1979, section 3), here through a known
/// randomiser and with a prior: each row is drawn, with the weight of 30 labels, towards the party's
/// overall rate of right labels, and that rate with the weight of 20 labels towards 0.85.
package struct VoterReliability: Sendable {
  /// By party, shape `[k, k]` by rows: the class, then the own label.
  package let confusions: [[Double]]
  /// By party, shape `[k, k]` by rows: the logarithm of B.
  private let logAnswers: [[Double]]
  private let classCount: Int

  /// The rate that a party is expected to be right at; and how many labels say so.
  private static let expected = (rate: 0.85, weight: 20.0)
  /// How many labels say that a row is like the others.
  private static let rowWeight = 30.0

  /// Parties that are right at the expected rate, and err towards all classes alike.
  package init(expectedOf votes: VoteCounts) {
    let k = votes.classCount
    self.init(
      votes.responses.map { _ in Self.uniform(rate: Self.expected.rate, classes: k) }, votes)
  }

  /// Improves on this estimate by one step of expectation maximisation.
  ///
  /// - Parameters:
  ///   - votes: The answers to learn from.
  ///   - posterior: The probabilities of the probes' classes, shape `[m, k]`, in double precision.
  package func improved(_ votes: VoteCounts, posterior: Tensor) throws -> VoterReliability {
    let k = classCount
    let posterior: [Double] = try posterior.elements()
    // Posterior mass by party, answer and class.
    var mass = votes.responses.map { _ in [Double](repeating: 0, count: k * k) }
    for answer in votes.answers {
      for c in 0..<k {
        mass[answer.party][answer.label * k + c] += posterior[answer.probe * k + c]
      }
    }
    let confusions = votes.responses.indices.map { party -> [Double] in
      let response = votes.responses[party]
      let (keep, other) = (response.keepProbability, response.otherProbability)
      let now = self.confusions[party]
      var labels = [Double](repeating: 0, count: k * k)
      for c in 0..<k {
        for o in 0..<k {
          let answered = exp(logAnswers[party][c * k + o])
          let share = mass[party][o * k + c] / answered
          for z in 0..<k { labels[c * k + z] += share * now[c * k + z] * (z == o ? keep : other) }
        }
      }
      return Self.smoothed(labels, classes: k)
    }
    return VoterReliability(confusions, votes)
  }

  /// The log-likelihood of a probe's answers by class, up to a constant; shape `[m, k]`, in double
  /// precision.
  package func logLikelihood(_ votes: VoteCounts) throws -> Tensor {
    let k = classCount
    var sums = [Double](repeating: 0, count: votes.probeCount * k)
    for answer in votes.answers {
      let row = logAnswers[answer.party]
      for c in 0..<k { sums[answer.probe * k + c] += row[c * k + answer.label] }
    }
    return try Tensor(sums, shape: [votes.probeCount, k])
  }

  /// The logarithm of the probability of each answer, given the probabilities of the classes.
  ///
  /// - Parameters:
  ///   - votes: The answers.
  ///   - posterior: Shape `[m, k]` by rows.
  package func logProbabilities(of votes: VoteCounts, posterior: [Double]) -> [Double] {
    let k = classCount
    let answers = logAnswers.map { $0.map { exp($0) } }
    return votes.answers.map { answer in
      var probability = 0.0
      for c in 0..<k {
        probability +=
          posterior[answer.probe * k + c] * answers[answer.party][c * k + answer.label]
      }
      return log(probability)
    }
  }

  private init(_ confusions: [[Double]], _ votes: VoteCounts) {
    self.confusions = confusions
    classCount = votes.classCount
    logAnswers = zip(confusions, votes.responses).map { confusion, response in
      // B = C (other + (keep - other) I), and the rows of C sum to 1.
      confusion.map {
        log(
          response.otherProbability
            + $0 * (response.keepProbability - response.otherProbability))
      }
    }
  }

  private static func uniform(rate: Double, classes k: Int) -> [Double] {
    (0..<k * k).map { $0 / k == $0 % k ? rate : (1 - rate) / Double(k - 1) }
  }

  /// Expected numbers of labels, shape `[k, k]`, as a matrix of probabilities.
  private static func smoothed(_ labels: [Double], classes k: Int) -> [Double] {
    let right = (0..<k).reduce(0) { $0 + labels[$1 * k + $1] }
    let rate =
      (right + expected.weight * expected.rate) / (labels.reduce(0, +) + expected.weight)
    let base = uniform(rate: rate, classes: k)
    return (0..<k).flatMap { c -> [Double] in
      let row = labels[c * k..<(c + 1) * k]
      let total = row.reduce(0, +) + rowWeight
      return row.enumerated().map { ($0.element + rowWeight * base[c * k + $0.offset]) / total }
    }
  }
}
