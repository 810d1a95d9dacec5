internal import Models

/// Which probes each party is asked about: public, and the same for everyone.
///
/// Clusters are dealt in turn, in an order drawn once, so that no cluster is asked about more than
/// once more than any other. The questions about a cluster go to its probes in turn, spread evenly over
/// its members from the middle outwards: neighbours err unlike each other, and their answers are pooled
/// afterwards.
public struct ProbeDealing: Sendable, Equatable {
  /// The probes that each party is asked about, shape `[n, q]`; distinct for a party.
  public let probes: [[Int]]

  /// - Parameters:
  ///   - members: The probes of every cluster, the medoid first, none empty; at least `answers`.
  ///   - parties: n, at least 1.
  ///   - answers: q, the number of questions to each party, at least 1.
  ///   - seed: Decides the order.
  /// - Complexity: O(n q + K).
  public init(_ members: [[Int]], parties: Int, answers: Int, seed: UInt64) {
    precondition(
      parties > 0 && answers > 0 && answers <= members.count,
      "a party is asked about each cluster at most once")
    var generator = SeededGenerator(seed: seed)
    let order = members.indices.shuffled(using: &generator)
    let total = parties * answers
    probes = (0..<parties).map { party in
      (0..<answers).map { place in
        let question = party * answers + place
        let cluster = order[question % order.count]
        let round = question / order.count
        // How often the cluster is asked about in all.
        let rounds = total / order.count + (question % order.count < total % order.count ? 1 : 0)
        let among = members[cluster]
        return among[round * among.count / max(rounds, 1)]
      }
    }
  }
}
