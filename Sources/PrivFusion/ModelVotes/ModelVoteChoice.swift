/// How many questions each party is asked when its whole model is the record, and about how many
/// clusters of probes: what is predicted to be right most often.
///
///     q, D = arg max of PredictedVoteAccuracy(n, q, epsilon, k, a, A(D))
///
/// Few answers that say much compete with many that say little. Nothing but the prediction decides.
public struct ModelVoteChoice: Sendable, Equatable {
  /// q, the number of questions to each party.
  public let answersPerParty: Int
  /// K, the number of clusters that are asked about, at least ``answersPerParty``; all probes where
  /// each is a cluster.
  public let clusterCount: Int
  public let prediction: PredictedVoteAccuracy

  /// Losses of an answer above this say nothing more, and no mechanism takes them.
  private static let greatestEach = 20.0

  /// - Parameters:
  ///   - parties: n, at least 1.
  ///   - epsilon: The greatest loss of all of a party's answers together, finite and above 0.
  ///   - classes: k, at least 2.
  ///   - partyAccuracy: a, the share that a party's own labels are expected to be right at, in [0, 1].
  ///   - probes: m, the number of public probes, at least 2.
  public init(parties: Int, epsilon: Double, classes: Int, partyAccuracy: Double, probes: Int) {
    precondition(epsilon > 0 && epsilon.isFinite && probes > 1)
    let purities = ModelVotePlan.Measured.purities(classes: classes, probes: probes)
    let all = Self.candidates(epsilon: epsilon, probes: probes).map { answers in
      (
        answers,
        PredictedVoteAccuracy(
          parties: parties, answers: answers,
          epsilon: min(epsilon, Self.greatestEach * Double(answers)), classes: classes,
          partyAccuracy: partyAccuracy, purities: purities)
      )
    }
    // Of equals the fewest answers.
    let best = all.max { ($0.1.unbounded, -$0.0) < ($1.1.unbounded, -$1.0) } ?? all[0]
    (answersPerParty, prediction) = best
    clusterCount = max(best.1.clusterCount, best.0)
  }

  /// All numbers up to 8, then a quarter more each; those beyond `epsilon` would say next to nothing.
  private static func candidates(epsilon: Double, probes: Int) -> [Int] {
    let most = min(probes, max(16, Int(min(epsilon, 1e9))))
    var counts = [1]
    while let last = counts.last, last < most {
      counts.append(min(most, max(last + 1, last * 5 / 4)))
    }
    // Below 0.001 an answer no mechanism takes it.
    return counts.filter { $0 == 1 || epsilon / Double($0) >= 0.001 }
  }
}
