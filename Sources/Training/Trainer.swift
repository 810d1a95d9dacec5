public import Models
public import Tensors

/// Supervised training of a classifier: Adam on cross-entropy, the rate falling along a cosine.
///
/// The same seed, data and number of threads give the same model, bit for bit.
public struct Trainer: Sendable {
  /// Changes a batch's inputs, the same way for the same seed.
  public typealias Augmentation =
    @Sendable (_ inputs: [String: Tensor], _ seed: UInt64) throws -> [String: Tensor]

  /// Passes over the data; above 0.
  public var epochs: Int
  /// Samples a step; above 0.
  public var batchSize: Int
  /// The rate of the first step; above 0.
  public var learningRate: Double
  /// Decides the order of the samples and the augmentation.
  public var seed: UInt64
  /// What is done to every batch before the model sees it.
  public var augmentation: Augmentation?

  public init(
    epochs: Int, batchSize: Int = 64, learningRate: Double = 1e-3, seed: UInt64,
    augmentation: Augmentation? = nil
  ) {
    precondition(epochs > 0, "epochs must be above 0, got \(epochs)")
    precondition(batchSize > 0, "the batch size must be above 0, got \(batchSize)")
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.seed = seed
    self.augmentation = augmentation
  }

  /// Trains `graph` on `data` and returns the trained copy.
  ///
  /// - Parameters:
  ///   - graph: The model to start from, not changed; its first output is the logits, of shape
  ///     `[samples, classes]`.
  ///   - data: At least one sample; inputs as the model declares them, labels in `0 ..< classes`.
  ///   - progress: Called after every step with its number from 1, the number of all steps, and the
  ///     batch's loss in nats. What it throws ends the training and is rethrown.
  /// - Throws: ``TrainingError/noSamples``; ``TrainingError/labelRange(classes:)`` when a label is
  ///   not below the model's number of classes; ``TrainingError/outputShape(name:found:)`` when
  ///   the first output is not `[samples, classes]`; ``TrainingError/diverged(step:)`` when a loss
  ///   or parameter is not finite.
  public func train(
    _ graph: ModelGraph, on data: LabeledData,
    progress: (_ step: Int, _ total: Int, _ loss: Double) throws -> Void = { _, _, _ in }
  ) throws -> ModelGraph {
    guard data.count > 0 else { throw TrainingError.noSamples }
    guard let logitsName = graph.logitsName else {
      throw TrainingError.outputShape(name: "", found: [])
    }
    let model = try TrainableModel(graph)
    let batches = Batches(count: data.count, size: graph.fixedBatchSize, atMost: batchSize)
    let schedule = CosineSchedule(initial: learningRate, total: epochs * batches.ranges.count)
    var generator = SeededGenerator(seed: seed)
    var step = 0
    for _ in 0..<epochs {
      let order = try Tensor(indices: batches.order(using: &generator))
      for range in batches.ranges {
        let batch = try data.selecting(order.slice(range))
        let inputs =
          try augmentation.map { try $0(batch.inputs, generator.next()) } ?? batch.inputs
        let values = try model.values(inputs, capturing: [logitsName])
        guard let logits = values[logitsName] else { continue }
        if step == 0 { try data.checkLabels(against: logits, named: logitsName) }
        let loss = try logits.crossEntropy(labels: batch.labels)
        try model.step(loss, rate: schedule.rate(at: step))
        step += 1
        let value = try loss.detached().scalar()
        guard value.isFinite else { throw TrainingError.diverged(step: step) }
        try progress(step, schedule.total, value)
      }
    }
    let trained = try model.parameters()
    guard try trained.values.allSatisfy({ try $0.isFinite() }) else {
      throw TrainingError.diverged(step: step)
    }
    return graph.replacing(trained)
  }
}

extension LabeledData {
  /// - Throws: ``TrainingError/outputShape(name:found:)`` when `logits` is no matrix, and
  ///   ``TrainingError/labelRange(classes:)`` when a label is not below its number of columns.
  package func checkLabels(against logits: Tensor, named name: String) throws {
    guard logits.rank == 2 else {
      throw TrainingError.outputShape(name: name, found: logits.shape)
    }
    let classes = logits.shape[1]
    let all: [Int64] = try labels.elements()
    guard all.allSatisfy({ (0..<Int64(classes)).contains($0) }) else {
      throw TrainingError.labelRange(classes: classes)
    }
  }
}
