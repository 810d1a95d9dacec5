public import Models
public import Tensors
public import Training

/// A model trained from scratch on the votes alone: what one could do without fusing.
///
/// 1,500 steps of Adam at 1e-3 along a cosine, batches of 128, each input also augmented.
public struct VoteStudent: Sendable {
  public var steps = 1500
  public var batchSize = 128
  public var rate = 1e-3
  public var seed: UInt64

  public init(seed: UInt64) { self.seed = seed }

  /// - Parameters:
  ///   - graph: The untrained model.
  ///   - probe: Public inputs, `[m, ...]`.
  ///   - votes: Class probabilities, shape `[m, classes]`.
  ///   - augmentation: Makes a second version of each batch, learnt from beside the first; or nil.
  ///   - progress: Called before every step with the fraction of steps done, in [0, 1). What it
  ///     throws ends the training and is rethrown.
  public func train(
    _ graph: ModelGraph, probe: [String: Tensor], votes: Tensor,
    augmentation: Trainer.Augmentation?, progress: (Double) throws -> Void = { _ in }
  ) throws -> ModelGraph {
    guard let logits = graph.logitsName else { return graph }
    let model = try TrainableModel(graph)
    let schedule = CosineSchedule(initial: rate, total: steps)
    var generator = SeededGenerator(seed: seed)
    let count = votes.shape[0]
    let size = min(batchSize, count)
    var order: [Int] = []
    for step in 0..<steps {
      try progress(Double(step) / Double(steps))
      if order.count < size { order = Array(0..<count).shuffled(using: &generator) }
      let indices = try Tensor(indices: Array(order.prefix(size)))
      order.removeFirst(size)
      let batch = try probe.mapValues { try $0.selecting(indices, axis: 0) }
      let wanted = try votes.selecting(indices, axis: 0)
      var loss = Tensor(Float(0))
      for inputs in [batch, try augmentation?(batch, generator.next())].compactMap({ $0 }) {
        guard let output = try model.values(inputs, capturing: [logits])[logits] else { continue }
        loss = try loss.adding(output.crossEntropy(probabilities: wanted))
      }
      try model.step(loss, rate: schedule.rate(at: step))
    }
    return try model.graph()
  }
}
