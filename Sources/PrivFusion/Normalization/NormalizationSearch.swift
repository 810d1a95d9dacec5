internal import Models
internal import Tensors

/// Chooses how an average is normalised, by probes held out.
///
/// Everything is computed from what was released, and costs no privacy.
package struct NormalizationSearch {
  private let session: FusionSession
  private let targets: FilterTargets
  private let normalizer: Normalizer

  init(_ session: FusionSession, targets: FilterTargets, _ normalizer: Normalizer) {
    self.session = session
    self.targets = targets
    self.normalizer = normalizer
  }

  /// What the settings ask for, or what is best.
  ///
  /// - Throws: ``FusionError/noBatchNormalization`` where statistics are asked for and there are none.
  func choice(_ average: AveragedWeights) throws -> NormalizationChoice {
    let wanted = session.settings.normalization
    let hasStatistics = session.architecture.hasBatchNormalization
    if wanted == .statistics, !hasStatistics { throw FusionError.noBatchNormalization }
    // Without weights the average is made up.
    guard session.settings.messages == .everything else { return unmeasured(.none) }
    guard wanted == .auto else { return unmeasured(wanted) }
    let candidates = Normalization.allCases.filter {
      $0 != .auto && ($0 != .statistics || hasStatistics)
    }
    let search = PathSearch(session, targets: targets)
    guard let held = search.heldOutProbes, let posterior = try targets.logPosterior?.softmax()
    else { return unmeasured(.repair) }
    var all: [Normalization: [PathChoice.Score]] = [:]
    for method in candidates {
      for fold in held.folds {
        let parameters = try normalizer.run(average, by: method, probes: fold.training)
        let scores = try search.scores(search.logProbabilities(parameters), posterior)
        all[method, default: []] += fold.heldOut.map { scores[$0] }
      }
    }
    return NormalizationChoice(
      method: Self.best(all), scores: all.mapValues { PathChoice.Score.mean($0) },
      heldOutCount: held.count)
  }

  /// The likeliest way, unless that is no better than the average by more than a standard error.
  ///
  /// - Parameter all: A score for each probe, in the same order; ``Normalization/none`` among them.
  package static func best(_ all: [Normalization: [PathChoice.Score]]) -> Normalization {
    guard let plain = all[.none] else { return .none }
    func likelihood(_ method: Normalization) -> Double {
      PathChoice.Score.mean(all[method] ?? []).logLikelihood
    }
    let best = Normalization.allCases.filter { all[$0] != nil }
      .max { likelihood($0) < likelihood($1) }
    guard let best, let scores = all[best],
      scores.map(\.logLikelihood).isAbove(plain.map(\.logLikelihood), least: PathSearch.rounding)
    else { return .none }
    return best
  }

  private func unmeasured(_ method: Normalization) -> NormalizationChoice {
    NormalizationChoice(method: method, scores: [:], heldOutCount: 0)
  }
}

extension SharedArchitecture {
  /// Whether the network normalises over batches anywhere.
  public var hasBatchNormalization: Bool {
    folding.original.nodes.contains { $0.operation == "BatchNormalization" }
  }
}
