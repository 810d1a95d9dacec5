internal import Models
internal import Tensors
internal import Training

/// Trains the filtered network end to end on the public probe, towards what was released.
///
///     loss = cross entropy(x) + cross entropy(augmented x)
///            + w sum over layers of MSE(z, T) / (1 + v_n)
///
/// w is the constant ``FilterConstants/layerWeight``. Cross entropy is to softmax(votes + log q),
/// where q is the filtered network's own prediction: one step of expectation maximisation. Votes that
/// were decoded on the probe graph already hold what the network could add, and are the target as
/// they are. It starts from the filter's result; from random weights it fails.
struct Adapter {
  private let session: FusionSession
  private let targets: FilterTargets

  init(_ session: FusionSession, targets: FilterTargets) {
    self.session = session
    self.targets = targets
  }

  /// - Parameters:
  ///   - start: The filter's result; empty afterwards, so that it is not in memory beside what is
  ///     trained.
  ///   - probes: Those that it is trained on; all when left out.
  func run(
    from start: inout [String: Tensor], probes: [Int]? = nil, progress: FusionProgress
  ) throws -> [String: Tensor] {
    // The products of a dense network on one batch are too small to share between threads.
    let isConvolutional = session.architecture.hiddenLayers.contains {
      if case .convolution = $0.form { true } else { false }
    }
    return try TensorEngine.withThreads(isConvolutional ? TensorEngine.threadCount : 1) {
      try train(
        &start, probes: probes ?? Array(0..<session.architecture.probe.count), progress: progress)
    }
  }

  private func train(
    _ start: inout [String: Tensor], probes: [Int], progress: FusionProgress
  ) throws -> [String: Tensor] {
    let architecture = session.architecture
    guard let settings = session.settings.adapter, let output = architecture.outputLayer,
      let logPosterior = targets.logPosterior
    else { return start }
    let probe = try whole(architecture.probe)
    let classTargets = try classTargets(start, output, logPosterior)
    let samples = try LayerSample.all(session, parameters: start)
      .filter { targets.hidden[$0.index] != nil }
    // Normalisation that was not folded keeps its statistics.
    let model = try TrainableModel(
      architecture.pass.graph.replacing(start), mode: .inference)
    start = [:]
    let schedule = CosineSchedule(initial: settings.rate, total: settings.steps)
    var generator = SeededGenerator(seed: session.settings.seed &+ 0xADA)
    let size =
      architecture.pass.graph.fixedBatchSize
      ?? min(settings.batchSize, probes.count)
    var order: [Int] = []
    for step in 0..<settings.steps {
      try progress(.adapt, Double(step) / Double(settings.steps))
      if order.count < size {
        order = probes.shuffled(using: &generator)
      }
      let chosen = Array(order.prefix(size))
      order.removeFirst(size)
      let loss = try loss(
        probe, chosen, model, output, classTargets, samples, augmentationSeed: generator.next())
      try model.step(loss, rate: schedule.rate(at: step))
    }
    return try model.parameters()
  }

  private func loss(
    _ probe: [String: Tensor], _ chosen: [Int], _ model: TrainableModel,
    _ output: LinearLayer, _ classTargets: Tensor, _ samples: [LayerSample],
    augmentationSeed: UInt64
  ) throws -> Tensor {
    let indices = try Tensor(indices: chosen)
    let batch = try probe.mapValues { try $0.selecting(indices, axis: 0) }
    let wanted = try classTargets.selecting(indices, axis: 0)
    let values = try model.values(
      batch, capturing: Set([output.output] + samples.map(\.layer.output)))
    func crossEntropy(_ logits: Tensor?) throws -> Tensor {
      guard let logits else { return Tensor(Float(0)) }
      return try logits.logSoftmax(axis: 1).multiplied(by: wanted).sum([1]).mean().negated()
    }
    var loss = try crossEntropy(values[output.output])
    if let augment = session.settings.augmentation {
      let augmented = try model.values(
        augment(batch, augmentationSeed), capturing: [output.output])
      loss = try loss.adding(crossEntropy(augmented[output.output]))
    }
    for sample in samples {
      guard let value = values[sample.layer.output], let target = targets.hidden[sample.index]
      else { continue }
      let columns = try Tensor(indices: sample.columns(of: chosen))
      let wanted = try target.values.selecting(columns, axis: 1).transposed()
      var found = try sample.layer.outputRows(value)
        .selecting(sample.rows(of: chosen), axis: 0)
      // Targets are standardised; where units keep their deviation, outputs are not.
      if !session.isCanonical(sample.layer) { found = try sample.standardized(found, target) }
      let difference = try found.subtracting(wanted)
      loss = try loss.adding(
        difference.multiplied(by: difference).mean().multiplied(
          by: session.settings.filterConstants.layerWeight / (1 + target.relativeNoise)))
    }
    return loss
  }

  /// What each probe's class should be.
  private func classTargets(
    _ start: [String: Tensor], _ output: LinearLayer, _ logPosterior: Tensor
  ) throws -> Tensor {
    guard targets.hasLabelVotes, !targets.hasDecodedVotes else { return try logPosterior.softmax() }
    let architecture = session.architecture
    let logits = try withoutGradients {
      try architecture.probe.batches.compactMap {
        try architecture.pass.values($0, parameters: start, capturing: [output.output])[
          output.output]
      }
    }
    return try Tensor.concatenated(logits).logSoftmax().adding(logPosterior).softmax()
  }

  private func whole(_ batches: InputBatches) throws -> [String: Tensor] {
    guard let first = batches.batches.first else { return [:] }
    return try first.reduce(into: [:]) { result, entry in
      result[entry.key] = try Tensor.concatenated(batches.batches.compactMap { $0[entry.key] })
    }
  }
}
