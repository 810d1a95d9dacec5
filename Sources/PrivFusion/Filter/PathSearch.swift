internal import Foundation
internal import Models
internal import Tensors
internal import Training

/// Chooses how far a fusion goes, by probes held out.
///
/// The adapter helps where probes are many and harms where they are few; how many is enough depends
/// on network and noise. Everything is computed from what was released, and costs no privacy.
package struct PathSearch {
  private let session: FusionSession
  private let targets: FilterTargets

  init(_ session: FusionSession, targets: FilterTargets) {
    self.session = session
    self.targets = targets
  }

  /// The way that agrees best with the released classes of held-out probes; `nil` where there are
  /// no classes, or too few probes to hold any out.
  func choice(_ average: AveragedWeights, progress: FusionProgress) throws -> PathChoice? {
    let architecture = session.architecture
    guard let posterior = try targets.logPosterior?.softmax(), architecture.outputLayer != nil
    else { return nil }
    let held = HeldOutProbes(count: architecture.probe.count, seed: session.settings.seed)
    let least = architecture.pass.graph.fixedBatchSize ?? 2
    guard held.folds.allSatisfy({ $0.training.count >= least && !$0.heldOut.isEmpty }) else {
      return nil
    }
    let steps = Double(2 * held.folds.count)
    var all: [FusionPath: [PathChoice.Score]] = [:]
    let unfiltered = try scores(average.parameters, posterior)
    for (index, fold) in held.folds.enumerated() {
      let done = Double(2 * index)
      var filtered = try PerturbationFilter(session, targets: targets)
        .run(average, probes: fold.training) { try progress(.choose, (done + $1) / steps) }
        .parameters
      all[.average, default: []] += fold.heldOut.map { unfiltered[$0] }
      all[.filter, default: []] += try chosen(fold.heldOut, scores(filtered, posterior))
      guard session.settings.adapter != nil else { continue }
      let adapted = try Adapter(session, targets: targets)
        .run(from: &filtered, probes: fold.training) {
          try progress(.choose, (done + 1 + $1) / steps)
        }
      all[.adapter, default: []] += try chosen(fold.heldOut, scores(adapted, posterior))
    }
    return PathChoice(
      path: Self.best(all), scores: all.mapValues { PathChoice.Score.mean($0) },
      heldOutCount: held.count)
  }

  /// A difference in nats that rounding alone can make.
  private static let rounding = 1e-4

  /// The adapter where it is more likely by more than a standard error; never a way that agrees less
  /// than the average does.
  ///
  /// - Parameter all: A score for each probe, in the same order.
  package static func best(_ all: [FusionPath: [PathChoice.Score]]) -> FusionPath {
    guard let average = all[.average], let filter = all[.filter] else { return .filter }
    func agrees(_ scores: [PathChoice.Score]) -> Bool {
      PathChoice.Score.mean(scores).agreement
        >= PathChoice.Score.mean(average).agreement
    }
    if let adapter = all[.adapter], agrees(adapter),
      adapter.map(\.logLikelihood).isAbove(filter.map(\.logLikelihood), least: rounding)
        || !agrees(filter)
    {
      return .adapter
    }
    return agrees(filter) ? .filter : .average
  }

  private func chosen(_ probes: [Int], _ scores: [PathChoice.Score]) -> [PathChoice.Score] {
    probes.map { scores[$0] }
  }

  /// How well a network's predictions fit the released classes, for every probe.
  private func scores(_ parameters: [String: Tensor], _ posterior: Tensor) throws -> [PathChoice
    .Score]
  {
    let architecture = session.architecture
    guard let output = architecture.outputLayer else { return [] }
    let logits = try withoutGradients {
      try architecture.probe.batches.compactMap {
        try architecture.pass.values($0, parameters: parameters, capturing: [output.output])[
          output.output]
      }
    }
    let logProbabilities = try Tensor.concatenated(logits).cast(to: .float64).logSoftmax(axis: 1)
    let posterior = try posterior.cast(to: .float64)
    let likelihoods: [Double] = try logProbabilities.multiplied(by: posterior).sum([1]).elements()
    let predicted: [Int64] = try logProbabilities.argmax(axis: 1).elements()
    let classes = posterior.shape[1]
    let probabilities: [Double] = try posterior.elements()
    return zip(likelihoods, predicted).enumerated().map { probe, found in
      PathChoice.Score(
        logLikelihood: found.0, agreement: probabilities[probe * classes + Int(found.1)])
    }
  }
}
