public import LocalPrivacy
public import Tensors

/// The probes' classes from the few answers that parties give when their whole models are protected.
///
///     answers -> pooled likelihood -> posterior on the probe graph
///
/// Everything is computed from released answers and public features, so that it costs no privacy.
public struct ModelVotes: Sendable {
  /// The probabilities of the probes' classes, shape `[m, k]`, in double precision.
  public let posterior: Tensor
  /// How the answers were read, by how well each way predicts answers held out.
  public let choice: VoteChoice

  /// From this many answers for each class on, a party's own reliability is estimated; below, that
  /// of all parties together.
  private static let answersToKnow = 10

  /// - Parameters:
  ///   - released: What ``ModelVotePlan/release(_:of:from:)`` gave, one for each party in order.
  ///   - plan: The plan that it was released by.
  ///   - seed: For which answers are held out.
  public init(_ released: [Released], plan: ModelVotePlan, seed: UInt64) throws {
    precondition(released.count == plan.parties, "every party of the plan has answered")
    let votes = VoteCounts(
      released.map { Received($0) }, about: plan.dealing.probes, probeCount: plan.probeCount)
    self = try ModelVotes(votes, plan: plan, seed: seed)
  }

  package init(_ votes: VoteCounts, plan: ModelVotePlan, seed: UInt64) throws {
    let isKnown = plan.answersPerParty >= Self.answersToKnow * plan.classes
    let filter = try TensorEngine.withThreads(1) {
      try withoutGradients {
        try VoteFilter(
          isKnown ? votes : votes.pooled(), decoder: GraphDecoder(plan.spectrum), seed: seed)
      }
    }
    posterior = filter.posterior
    choice = filter.choice
  }
}

extension ModelVotePlan {
  /// What a party releases: the answers to its questions, debited before they are drawn.
  ///
  /// - Parameters:
  ///   - labels: The party's own label of every probe, in `0 ..< classes`, shape `[m]`; private.
  ///   - party: Which party it is, in `0 ..< parties`.
  ///   - ledger: The party's own, with this plan's ``budget`` or a smaller one.
  /// - Throws: `PrivacyError.budgetExceeded(name:limit:after:)` before anything is drawn;
  ///   `PrivacyError.labelOutOfRange(categories:)`; `PrivacyError.randomnessUnavailable`.
  public func release(
    _ labels: [Int], of party: Int, from ledger: inout BudgetLedger
  ) throws -> Released {
    precondition(labels.count == probeCount, "a party has a label of every probe")
    return try randomizer.release(
      dealing.probes[party].map { labels[$0] }, as: Self.releaseName, from: &ledger)
  }
}
