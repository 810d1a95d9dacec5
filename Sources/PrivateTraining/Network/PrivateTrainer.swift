public import LocalPrivacy
public import Models
internal import Tensors
public import Training

/// Supervised training of a classifier whose every step loses a known amount about each record.
///
///     gradient = (sum over sampled records of clipped gradient + noise) / expectedBatch
///
/// Abadi et al. 2016, "Deep Learning with Differential Privacy", Algorithm 1. Records are sampled
/// independently, in secret, by the grant's generator; gradients of the cross-entropy are clipped
/// to an L2 norm over all layers together (``PrivateTrainingSettings/clip``); the sum is rounded to
/// a grid and given discrete Gaussian noise by the grant. An empty sample makes a step of noise
/// alone. Whatever follows is post-processing, so that the trained parameters are as private as the
/// grant says.
///
/// - Neighbouring data sets: one record emptied, so that it contributes nothing; the number of
///   records is public.
/// - Sensitivity: L2, `clip` by 1 + 2^-8 for the rounding of sums in floating point, and the
///   grid's rounding on top (`SumGrid`). It supposes of the engine that a record's values in a
///   batch are computed from that record and the shapes alone.
/// - Loss: the grant's, whether or not training comes to an end.
///
/// Gradients can be clipped only where records are kept apart: an operator that mixes them, such as
/// batch normalisation, is refused, and so is a parameter that is not the weight or bias of one
/// linear layer.
public struct PrivateTrainer: Sendable {
  public let settings: PrivateTrainingSettings

  public init(_ settings: PrivateTrainingSettings) { self.settings = settings }

  /// Refuses what ``train(_:on:grant:progress:)`` would refuse, before anything is paid for.
  ///
  /// - Parameters:
  ///   - graph: The model to start from.
  ///   - data: The records.
  ///   - procedure: What a ledger will be asked for.
  /// - Throws: As ``train(_:on:grant:progress:)`` before anything is spent, but for the grant;
  ///   `PrivacyError` when the noise would be too wide for the sampler.
  public func check(
    _ graph: ModelGraph, on data: LabeledData, procedure: GaussianProcedure
  ) throws {
    guard data.count > 0 else { throw TrainingError.noSamples }
    _ = try settings.sampling(records: data.count)
    guard let logitsName = graph.logitsName else {
      throw TrainingError.outputShape(name: "", found: [])
    }
    let recordwise = try RecordwiseGraph(graph, logitsName: logitsName)
    _ = try RecordMemory(recordwise, data)
    let initial = recordwise.parameterNames.compactMap { graph.initializers[$0] }
    _ = try GaussianGrid.variance(
      noiseMultiplier: procedure.noiseMultiplier,
      squaredSensitivity: sumGrid(initial).squaredSensitivity)
  }

  /// The grid on which sums of gradients of these parameters are rounded.
  private func sumGrid(_ parameters: [Tensor]) throws -> SumGrid {
    try SumGrid(
      clip: settings.clip, dimension: parameters.reduce(0) { $0 + $1.count },
      slack: ClippedGradients.slack)
  }

  /// Trains `graph` on `data` and returns the trained copy.
  ///
  /// - Parameters:
  ///   - graph: The model to start from, which must not depend on `data`; not changed. Its first
  ///     output is the logits, of shape `[samples, classes]`.
  ///   - data: Inputs as the model declares them, labels in `0 ..< classes`. A record whose
  ///     gradient is not finite contributes nothing.
  ///   - grant: The right to as many steps as the settings say, with their sampling; its steps are
  ///     used up.
  ///   - progress: Called after every step with its number from 1 and the number of all steps. No
  ///     loss is shown: it would depend on records without noise. What it throws ends the training
  ///     and is rethrown; nothing that was granted comes back.
  /// - Throws: Before anything is spent: `TrainingError.noSamples`,
  ///   `TrainingError.labelRange(classes:)` and `TrainingError.outputShape(name:found:)`;
  ///   ``PrivateTrainingError/expectedBatch(_:records:)`` and
  ///   ``PrivateTrainingError/otherGrant(expected:found:)``;
  ///   ``PrivateTrainingError/mixesRecords(operation:node:)``,
  ///   ``PrivateTrainingError/recordsNotKeptApart(operation:node:)``,
  ///   ``PrivateTrainingError/unsupportedParameter(name:operation:node:readers:)``,
  ///   ``PrivateTrainingError/fixedBatchSize(_:)`` and ``PrivateTrainingError/noParameters`` when
  ///   the graph can't be trained so. Later: ``PrivateTrainingError/diverged(step:)`` when a
  ///   parameter is not finite; `PrivacyError` as the grant throws it.
  public func train(
    _ graph: ModelGraph, on data: LabeledData, grant: inout NoiseGrant,
    progress: (_ step: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> ModelGraph {
    guard data.count > 0 else { throw TrainingError.noSamples }
    try checkGrant(grant.loss.procedure, remaining: grant.remainingSteps, records: data.count)
    guard let logitsName = graph.logitsName else {
      throw TrainingError.outputShape(name: "", found: [])
    }
    let recordwise = try RecordwiseGraph(graph, logitsName: logitsName)
    let names = recordwise.parameterNames
    let initial = names.compactMap { graph.initializers[$0] }
    let grid = try sumGrid(initial)
    let gradients = StepGradients(
      ClippedGradients(recordwise, clip: settings.clip), of: data,
      batchSize: try RecordMemory(recordwise, data).batchSize, count: grid.dimension)
    let schedule = CosineSchedule(initial: settings.learningRate, total: settings.steps)
    let descent = try NoisyDescent(initial, settings.optimizer)
    try TensorEngine.withThreads(gradients.threadsOfShare) {
      for step in 0..<settings.steps {
        let sampled = try grant.batch(of: data.count)
        let parameters = Dictionary(uniqueKeysWithValues: zip(names, descent.parameters))
        let sum = try gradients.sum(over: sampled, parameters: parameters)
        let released = try grant.release(grid.clippedSum(sum))
        try descent.step(
          mean(of: released, shapes: initial.map(\.shape)), rate: schedule.rate(at: step))
        try progress(step + 1, settings.steps)
      }
    }
    let trained = try descent.snapshot()
    guard try trained.allSatisfy({ try $0.isFinite() }) else {
      throw PrivateTrainingError.diverged(step: settings.steps)
    }
    return graph.replacing(Dictionary(uniqueKeysWithValues: zip(names, trained)))
  }

  private func checkGrant(_ procedure: GaussianProcedure, remaining: Int, records: Int) throws {
    let sampling = try settings.sampling(records: records)
    guard procedure.sampling == sampling, remaining >= settings.steps else {
      throw PrivateTrainingError.otherGrant(
        expected: "\(settings.steps) steps with \(sampling.words)",
        found: "\(remaining) steps with \(procedure.sampling.words)")
    }
  }

  /// The estimates over the expected number of records, cut into the parameters.
  private func mean(of sums: ReleasedSums, shapes: [[Int]]) throws -> [Tensor] {
    let scale = sums.gridStep / Double(settings.expectedBatch)
    let flat = try Tensor(sums.outputs.map { Float(Double($0) * scale) }, shape: [sums.count])
    var start = 0
    return try shapes.map { shape in
      let count = shape.reduce(1, *)
      defer { start += count }
      return try flat.slice(start..<(start + count)).reshaped(shape)
    }
  }
}

extension GaussianProcedure.Sampling {
  fileprivate var words: String {
    switch self {
    case .everyRecord: "every record"
    case .poisson(let probability): "records sampled with probability \(probability)"
    }
  }
}
