internal import LocalPrivacy
internal import Models
internal import Tensors

/// What follows the third round: filter and adapter, which see nothing but what was sent.
struct FusionEnding {
  let session: FusionSession
  let first: FirstRound
  let classes: ProbeClasses
  /// The means of the aligned signatures, shape `[units, N]` each, by hidden layer.
  let signatures: [Int: Tensor]
  /// The first parent, where nothing is private.
  let own: PreparedParty?
  /// What normalisation brings units to.
  let normalization: NormalizationTargets

  func run(
    _ given: consuming AveragedWeights, statement: PrivacyStatement?, bytesSent: [Int],
    _ clock: inout PhaseClock, _ progress: FusionProgress
  ) throws -> FusionOutcome {
    // What is not needed any more is let go: with the filter's result and the adapter's gradients and
    // moments beside it, a model would be in memory many times.
    var average = given
    var (path, choice): (FusionPath, PathChoice?) = (.average, nil)
    var targets: FilterTargets?
    let normalizer = Normalizer(session, targets: normalization)
    var (normalized, heldOut): (NormalizationChoice?, HeldOutPredictions?)
    let settings = session.settings
    // Where all models are one, there is nothing to remove.
    if settings.usesFilter || settings.normalization != .none || settings.choosesPath,
      try !isOwn(average.parameters)
    {
      let made = try FilterTargets(session, first, classes: classes, signatures: signatures)
      try clock.measure(.choose) {
        if settings.normalization != .none {
          normalized = try NormalizationSearch(session, targets: made, normalizer).choice(average)
        }
        // Without weights there is no average to speak of.
        guard settings.choosesPath, settings.usesFilter || settings.messages == .everything else {
          return
        }
        let found = try PathSearch(session, targets: made).choice(
          average,
          normalized: normalized.map { choice in
            { [average] in try normalizer.run(average, by: choice.method, probes: $0) }
          }, progress: progress)
        (choice, heldOut) = (settings.usesFilter ? found?.path : nil, found?.predictions)
      }
      if settings.usesFilter {
        path = choice?.path ?? (settings.adapter == nil ? .filter : .adapter)
      }
      targets = made
    }
    let messages = session.settings.keepsMessages ? FusionMessages(self, average) : nil
    var fused: [String: Tensor] = [:]
    var (withoutFilter, withoutAdapter): ([String: Tensor]?, [String: Tensor]?)
    if session.settings.keepsStages || path == .average {
      let parameters = try normalizer.run(average, by: normalized?.method ?? .none)
      fused = try writtenBack(
        parameters,
        statistics: normalized.map { $0.method == .none } ?? true
          ? [:]
          : try targets.map {
            try PerturbationFilter(session, targets: $0).statistics(of: parameters)
          } ?? [:])
      withoutFilter = fused
    }
    if path != .average, let targets {
      (withoutAdapter, fused) = try filtered(
        &average, targets, usesAdapter: path == .adapter, &clock, progress)
    }
    return FusionOutcome(
      fused: fused, withoutFilter: withoutFilter, withoutAdapter: withoutAdapter,
      privacy: statement, bytesSent: bytesSent,
      seconds: clock.durations, votes: try classes.logPosterior?.softmax(),
      voteChoice: classes.choice, pathChoice: choice, normalization: normalized,
      heldOut: heldOut, messages: messages,
      stopsAtAverage: path == .average)
  }

  /// - Parameter average: Empty afterwards.
  private func filtered(
    _ average: inout AveragedWeights, _ targets: FilterTargets, usesAdapter: Bool,
    _ clock: inout PhaseClock, _ progress: FusionProgress
  ) throws -> (withoutAdapter: [String: Tensor]?, fused: [String: Tensor]) {
    let filter = PerturbationFilter(session, targets: targets)
    var (filtered, statistics) = try clock.measure(.filter) {
      try filter.run(average, progress: progress)
    }
    average.parameters = [:]
    guard usesAdapter else {
      let fused = try writtenBack(filtered, statistics: statistics)
      return (session.settings.keepsStages ? fused : nil, fused)
    }
    let kept =
      session.settings.keepsStages ? try writtenBack(filtered, statistics: statistics) : nil
    let adapted = try clock.measure(.adapt) {
      try Adapter(session, targets: targets).run(from: &filtered, progress: progress)
    }
    return (kept, try writtenBack(adapted, statistics: filter.statistics(of: adapted)))
  }

  /// Whether nothing differs from the first parent's parameters.
  private func isOwn(_ folded: [String: Tensor]) throws -> Bool {
    guard let own else { return false }
    return try folded.allSatisfy {
      try own.parameters.parameter($0.key)?.isIdentical(to: $0.value) ?? false
    }
  }

  /// Folded parameters under the original graph's names; the first parent's own when nothing differs
  /// from it, so that fusing a model with itself gives it back bit for bit.
  private func writtenBack(
    _ folded: [String: Tensor], statistics: [String: (mean: Tensor, variance: Tensor)]
  ) throws -> [String: Tensor] {
    if let own, try isOwn(folded) { return own.original }
    return try session.architecture.folding.unfold(folded, statistics: statistics)
  }
}
