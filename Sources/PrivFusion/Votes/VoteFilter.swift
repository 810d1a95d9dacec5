internal import Foundation
package import Tensors

/// The perturbation filter of votes: decodes them on the probe graph when that predicts held-out
/// votes better than the counts do, or when counts say nothing of some probes.
///
/// Everything is computed from released votes and public features, so that it costs no privacy; and
/// with a fixed seed it is the same for everyone.
package struct VoteFilter: Sendable {
  /// The probabilities of the probes' classes, shape `[m, k]`, in double precision.
  package let posterior: Tensor
  package let choice: VoteChoice
  /// The settings that predicted held-out votes best.
  package let settings: GraphDecoder.Settings

  /// - Parameters:
  ///   - votes: At least one answer about at least two probes.
  ///   - features: Public numbers of every probe, shape `[m, d]`.
  ///   - seed: For which votes are held out, and where iterations start.
  package init(_ votes: VoteCounts, features: Tensor, seed: UInt64) throws {
    // Many small products: threads would cost more than they bring, and could change the rounding.
    self = try TensorEngine.withThreads(1) {
      try withoutGradients {
        try VoteFilter(
          votes, decoder: GraphDecoder(ProbeGraph(features: features), seed: seed), seed: seed)
      }
    }
  }

  /// - Parameters:
  ///   - votes: As above.
  ///   - decoder: Of the graph of the probes.
  ///   - seed: For which votes are held out.
  init(_ votes: VoteCounts, decoder: GraphDecoder, seed: UInt64) throws {
    let held = HeldOutVotes(votes, seed: seed)
    let counts = try held.folds.flatMap { try Self.scoresOfCounts($0) }
    let heldOutCounts = counts.mean
    guard votes.coversAllProbes else {
      let sparse = try SparseDecoding(votes, decoder, held)
      settings = sparse.best.settings
      posterior = sparse.posterior
      choice = VoteChoice(
        path: .decoded, heldOutCounts: heldOutCounts,
        heldOutDecoded: sparse.best.scores.mean)
      return
    }
    let (best, decoded) = try HeldOutSearch(decoder, held).best()
    let isBetter = decoded.isAbove(counts)
    settings = best
    choice = VoteChoice(
      path: isBetter ? .decoded : .counts, heldOutCounts: heldOutCounts,
      heldOutDecoded: decoded.mean)
    posterior =
      isBetter
      ? try decoder.decoded(votes, best).posterior(ownWeight: best.ownWeight)
      : try votes.posterior()
  }

  /// The log-probability of each held-out answer from the counts of the others, with reliabilities
  /// estimated from them.
  private static func scoresOfCounts(_ fold: HeldOutVotes.Fold) throws -> [Double] {
    let posterior = try fold.training.posterior()
    var reliability = VoterReliability(expectedOf: fold.training)
    for _ in 0..<3 {
      reliability = try reliability.improved(fold.training, posterior: posterior)
    }
    return reliability.logProbabilities(of: fold.heldOut, posterior: try posterior.elements())
  }
}
