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
  ///
  /// - Parameters:
  ///   - average: Of the aligned weights.
  ///   - normalized: Makes the average's parameters as they would be returned, fitted on the given
  ///     probes; the average as it is when left out.
  ///   - progress: Hears of how far the search is, in [0, 1].
  func choice(
    _ average: AveragedWeights, normalized: (([Int]) throws -> [String: Tensor])? = nil,
    progress: FusionProgress
  ) throws -> (path: PathChoice, predictions: HeldOutPredictions)? {
    guard let posterior = try targets.logPosterior?.softmax(), let held = heldOutProbes else {
      return nil
    }
    let steps = Double(2 * held.folds.count)
    var all: [FusionPath: [PathChoice.Score]] = [:]
    let plain = try logProbabilities(average.parameters)
    var predictions: [FusionPath: [Tensor]] = [:]
    func add(_ path: FusionPath, _ found: Tensor, _ probes: [Int]) throws {
      let scores = try scores(found, posterior)
      all[path, default: []] += probes.map { scores[$0] }
      predictions[path, default: []].append(try found.selecting(probes, axis: 0))
    }
    for (index, fold) in held.folds.enumerated() {
      try add(
        .average, normalized.map { try logProbabilities($0(fold.training)) } ?? plain, fold.heldOut)
      guard session.settings.usesFilter else { continue }
      let done = Double(2 * index)
      var filtered = try PerturbationFilter(session, targets: targets)
        .run(average, probes: fold.training) { try progress(.choose, (done + $1) / steps) }
        .parameters
      try add(.filter, logProbabilities(filtered), fold.heldOut)
      guard session.settings.adapter != nil else { continue }
      let adapted = try Adapter(session, targets: targets)
        .run(from: &filtered, probes: fold.training) {
          try progress(.choose, (done + 1 + $1) / steps)
        }
      try add(.adapter, logProbabilities(adapted), fold.heldOut)
    }
    let path = session.settings.usesFilter ? Self.best(all) : .average
    let probes = held.folds.flatMap(\.heldOut)
    return (
      PathChoice(
        path: path, scores: all.mapValues { PathChoice.Score.mean($0) }, heldOutCount: held.count),
      HeldOutPredictions(
        probes: probes, fused: try Tensor.concatenated(predictions[path] ?? []),
        average: try Tensor.concatenated(predictions[.average] ?? []))
    )
  }

  /// A difference in nats that rounding alone can make.
  static let rounding = 1e-4

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

  /// The probes that are held out in turn; `nil` where there are no classes, or too few probes.
  var heldOutProbes: HeldOutProbes? {
    let architecture = session.architecture
    guard architecture.outputLayer != nil, targets.logPosterior != nil else { return nil }
    let held = HeldOutProbes(count: architecture.probe.count, seed: session.settings.seed)
    let least = architecture.pass.graph.fixedBatchSize ?? 2
    return held.folds.allSatisfy { $0.training.count >= least && !$0.heldOut.isEmpty } ? held : nil
  }

  /// The logarithms of the classes' probabilities for every probe, shape `[m, classes]`.
  func logProbabilities(_ parameters: [String: Tensor]) throws -> Tensor {
    let architecture = session.architecture
    guard let output = architecture.outputLayer else { throw FusionError.noClassifier }
    let logits = try withoutGradients {
      try architecture.probe.batches.compactMap {
        try architecture.pass.values($0, parameters: parameters, capturing: [output.output])[
          output.output]
      }
    }
    return try Tensor.concatenated(logits).cast(to: .float64).logSoftmax(axis: 1)
  }

  /// How well a network's predictions fit the released classes, for every probe.
  func scores(_ logProbabilities: Tensor, _ posterior: Tensor) throws -> [PathChoice.Score] {
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
