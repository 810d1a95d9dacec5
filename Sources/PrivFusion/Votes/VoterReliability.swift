internal import Foundation
internal import LocalPrivacy
package import Tensors

/// How each party's own label depends on the true class: a matrix for every party.
///
///     C[c, z] = P(own label = z | class = c)
///     B[c, A] = sum over z of C[c, z] R[z, A],   R the known randomiser
///             = outside + (inside - outside) sum over z in A of C[c, z]
///
/// An answer A is a label or a set of labels; it has the probability `inside` where the own label is
/// in it.
///
/// Parties trained on unlike data err in unlike ways; what they released tells how. The matrices are
/// estimated by expectation maximisation (Dawid & Skene 1979, section 3), here through a known
/// randomiser and with a prior: each row is drawn, with the weight of 30 labels, towards the party's
/// overall rate of right labels, and that rate with the weight of 20 labels towards 0.85.
package struct VoterReliability: Sendable {
  /// By party, shape `[k, k]` by rows: the class, then the own label.
  package let confusions: [[Double]]
  private let responses: [VoteRandomizer]
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
    var mass = votes.responses.map { _ in [[Int]: [Double]]() }
    for answer in votes.answers {
      let row = posterior[answer.probe * k..<(answer.probe + 1) * k]
      mass[answer.party][answer.labels, default: [Double](repeating: 0, count: k)].add(row)
    }
    let confusions = votes.responses.indices.map { party -> [Double] in
      let (inside, outside) = (responses[party].inside, responses[party].outside)
      let now = self.confusions[party]
      var labels = [Double](repeating: 0, count: k * k)
      // In a fixed order, so that sums are rounded alike everywhere.
      let answers = mass[party].sorted { $0.key.lexicographicallyPrecedes($1.key) }
      for (answer, masses) in answers {
        for c in 0..<k {
          let share = masses[c] / probability(of: answer, party: party, class: c)
          for z in 0..<k { labels[c * k + z] += share * now[c * k + z] * outside }
          for z in answer { labels[c * k + z] += share * now[c * k + z] * (inside - outside) }
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
      for c in 0..<k {
        sums[answer.probe * k + c] += log(
          probability(of: answer.labels, party: answer.party, class: c))
      }
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
    return votes.answers.map { answer in
      var probability = 0.0
      for c in 0..<k {
        probability +=
          posterior[answer.probe * k + c]
          * self.probability(of: answer.labels, party: answer.party, class: c)
      }
      return log(probability)
    }
  }

  private init(_ confusions: [[Double]], _ votes: VoteCounts) {
    self.confusions = confusions
    classCount = votes.classCount
    responses = votes.responses
  }

  /// B[c, A].
  private func probability(of answer: [Int], party: Int, class c: Int) -> Double {
    let confusion = confusions[party]
    var held = 0.0
    for label in answer { held += confusion[c * classCount + label] }
    let response = responses[party]
    return response.outside + (response.inside - response.outside) * held
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

extension [Double] {
  fileprivate mutating func add(_ other: ArraySlice<Double>) {
    for (place, value) in other.enumerated() { self[place] += value }
  }
}
