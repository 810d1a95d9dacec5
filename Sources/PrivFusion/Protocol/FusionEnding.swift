internal import LocalPrivacy
internal import Models
internal import Tensors

/// What follows the third round: filter and adapter, which see nothing but what was sent.
struct FusionEnding {
  let session: FusionSession
  let first: FirstRound
  let classes: ProbeClasses
  /// The mean of the aligned signatures, a tensor `[units, N]` a hidden layer.
  let signatures: [Tensor]
  /// The first parent, where nothing is private.
  let own: PreparedParty?

  func run(
    _ average: AveragedWeights, statement: PrivacyStatement?, bytesSent: [Int],
    _ clock: inout PhaseClock, _ progress: FusionProgress
  ) throws -> FusionOutcome {
    let withoutFilter = try writtenBack(average.parameters, statistics: [:])
    var fused = withoutFilter
    if session.settings.usesFilter {
      let targets = try FilterTargets(session, first, classes: classes, signatures: signatures)
      let filter = PerturbationFilter(session, targets: targets)
      var (filtered, statistics) = try clock.measure(.filter) {
        try filter.run(average, progress: progress)
      }
      if session.settings.adapter != nil {
        filtered = try clock.measure(.adapt) {
          try Adapter(session, targets: targets).run(filtered, progress: progress)
        }
        statistics = try filter.statistics(of: filtered)
      }
      fused = try writtenBack(filtered, statistics: statistics)
    }
    return FusionOutcome(
      fused: fused, withoutFilter: withoutFilter, privacy: statement, bytesSent: bytesSent,
      seconds: clock.durations, votes: try classes.logPosterior?.softmax(),
      voteChoice: classes.choice)
  }

  /// Folded parameters under the original graph's names; the first parent's own when nothing differs
  /// from it, so that fusing a model with itself gives it back bit for bit.
  private func writtenBack(
    _ folded: [String: Tensor], statistics: [String: (mean: Tensor, variance: Tensor)]
  ) throws -> [String: Tensor] {
    if let own,
      try folded.allSatisfy({ try own.parameters[$0.key]?.isIdentical(to: $0.value) ?? false })
    {
      return own.original
    }
    return try session.architecture.folding.unfold(folded, statistics: statistics)
  }
}
