/// How the probes' classes were found from the parties' votes.
public enum VotePath: String, Sendable, CaseIterable {
  /// From the counts of the probe's own votes.
  case counts
  /// On the graph of the probes.
  case decoded
}

/// Which way of reading the votes was chosen, and how well each predicts votes held out.
public struct VoteChoice: Sendable, Equatable {
  public let path: VotePath
  /// The mean log-likelihood of held-out votes, in nats a vote, predicted from counts.
  public let heldOutCounts: Double
  /// The same, decoded on the probe graph.
  public let heldOutDecoded: Double
}
