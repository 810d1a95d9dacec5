internal import Models
internal import Tensors

/// Removes the noise of the averaged weights, layer by layer, each seeing inputs that come through
/// the layers already filtered.
struct PerturbationFilter {
  private let session: FusionSession
  private let targets: FilterTargets

  init(_ session: FusionSession, targets: FilterTargets) {
    self.session = session
    self.targets = targets
  }

  private var constants: FilterConstants { session.settings.filterConstants }

  /// Mean and variance by unit, by the value that a layer outputs.
  typealias Statistics = [String: (mean: Tensor, variance: Tensor)]

  /// Filters all layers in one pass.
  ///
  /// - Parameter probes: Those that layers are fitted on; all when left out.
  /// - Returns: The parameters, and the statistics of what folded layers output with them.
  func run(
    _ average: AveragedWeights, probes: [Int]? = nil, progress: FusionProgress
  ) throws -> (parameters: [String: Tensor], statistics: Statistics) {
    let architecture = session.architecture
    let samples = try probes.map { probes in
      try LayerSample.all(session, parameters: average.parameters)
        .reduce(into: [Int: [Int]]()) { $0[$1.index] = $1.columns(of: probes) }
    }
    let folded = Set(architecture.folding.foldedOutputs)
    let layers = Dictionary(
      uniqueKeysWithValues: architecture.hiddenLayers.filter { folded.contains($0.output) }
        .map { ($0.output, $0) })
    var statistics: Statistics = [:]
    let hidden = Dictionary(
      uniqueKeysWithValues: architecture.hiddenLayers.enumerated().map { ($1.node, $0) })
    let total = Double(max(architecture.pass.graph.nodes.count, 1))
    var current = average.parameters
    let pass = StagedPass(architecture.pass, inputs: architecture.probe)
    let parameters = try pass.run(parameters: average.parameters) { node, values in
      try progress(.filter, Double(node) / total)
      var changed: [String: Tensor] = [:]
      if let index = hidden[node] {
        changed = try filterHidden(
          index, current, average.noiseVariances, values, columns: samples?[index])
      } else if let layer = architecture.outputLayer, layer.node == node {
        changed = try filterOutput(
          layer, current, average.noiseVariances, values, columns: probes)
      }
      current.merge(changed) { _, new in new }
      return changed
    } observe: { name, outputs in
      guard let layer = layers[name] else { return }
      statistics[name] = try self.statistics(of: layer, outputs)
    }
    return (parameters, statistics)
  }

  /// Mean and variance of what folded layers output, for their normalisation to be written back.
  func statistics(of parameters: [String: Tensor]) throws -> Statistics {
    let architecture = session.architecture
    let wanted = Set(architecture.folding.foldedOutputs)
    guard !wanted.isEmpty else { return [:] }
    let layers = architecture.hiddenLayers.filter { wanted.contains($0.output) }
    var outputs: [String: [Tensor]] = [:]
    for batch in architecture.probe.batches {
      let values = try withoutGradients {
        try architecture.pass.values(batch, parameters: parameters, capturing: wanted)
      }
      for layer in layers {
        guard let value = values[layer.output] else { continue }
        outputs[layer.output, default: []].append(value)
      }
    }
    return try layers.reduce(into: [:]) { result, layer in
      guard let all = outputs[layer.output] else { return }
      result[layer.output] = try statistics(of: layer, all)
    }
  }

  private func statistics(of layer: LinearLayer, _ outputs: [Tensor]) throws -> (
    mean: Tensor, variance: Tensor
  ) {
    let rows = try session.architecture.signature(of: layer, outputs: outputs)
    return (try rows.mean([1]), try rows.variance([1]))
  }

  private func filterHidden(
    _ index: Int, _ parameters: [String: Tensor], _ variances: [String: Double],
    _ values: [String: [Tensor]], columns: [Int]?
  ) throws -> [String: Tensor] {
    let layer = session.architecture.hiddenLayers[index]
    // A layer whose signature was not sent stays as it is.
    guard let target = try targets.hidden[index]?.selecting(columns),
      let weight = parameters[layer.weight], let inputs = values[layer.input]
    else {
      return [:]
    }
    let rows = try session.architecture.inputRows(of: layer, inputs: inputs)
      .selecting(columns, axis: 1)
    guard rows.shape[1] > 1 else { return [:] }
    let hasCommonStart = !session.commonInitialization.isEmpty
    let filtered = try LayerFilter.hidden(
      weight: layer.matrices(weight),
      // From a common start the average itself is the prior, however noisy.
      weightVariance: hasCommonStart ? 0 : variances[layer.weight] ?? 0,
      inputs: rows, target: target, strength: strength(for: target, hasCommonStart),
      keepsDeviation: !session.isCanonical(layer), constants: constants)
    return try written(filtered, layer, shape: weight.shape)
  }

  private func filterOutput(
    _ layer: LinearLayer, _ parameters: [String: Tensor], _ variances: [String: Double],
    _ values: [String: [Tensor]], columns: [Int]?
  ) throws -> [String: Tensor] {
    guard let wanted = try targets.output?.selecting(columns, axis: 0),
      let weight = parameters[layer.weight],
      let inputs = values[layer.input]
    else { return [:] }
    let rows = try session.architecture.inputRows(of: layer, inputs: inputs)
      .selecting(columns, axis: 1)
    guard rows.shape[1] > 1 else { return [:] }
    let filtered = try LayerFilter.output(
      weight: layer.matrices(weight), weightVariance: variances[layer.weight] ?? 0,
      inputs: rows, wanted: wanted.transposed(),
      lambda: targets.hasLabelVotes
        ? constants.outputLambdaWithVotes : constants.outputLambdaWithoutVotes,
      constants: constants)
    return try written(filtered, layer, shape: weight.shape)
  }

  private func strength(for target: LayerFilter.Target, _ hasCommonStart: Bool)
    -> LayerFilter.Strength
  {
    if hasCommonStart {
      let base =
        targets.hasLabelVotes
        ? constants.commonLambdaWithVotes : constants.commonLambdaWithoutVotes
      return .fixed(lambda: base * (1 + target.relativeNoise))
    }
    if !targets.isNoisy {
      let hasMany = session.architecture.probe.count >= constants.manyProbes
      return .fixed(
        lambda: hasMany ? constants.openLambda : constants.openLambdaOfFewProbes)
    }
    return .fromNoise(
      kappa: targets.logPosterior == nil ? constants.kappaWithoutVotes : constants.kappaWithVotes)
  }

  private func written(
    _ filtered: (weight: Tensor, bias: Tensor), _ layer: LinearLayer, shape: [Int]
  ) throws -> [String: Tensor] {
    var result = [layer.weight: try layer.weight(filtered.weight, shape: shape)]
    if let bias = layer.bias { result[bias] = filtered.bias }
    return result
  }
}

extension Tensor {
  /// The given places of an axis; all when they are left out.
  fileprivate func selecting(_ places: [Int]?, axis: Int) throws -> Tensor {
    try places.map { try selecting($0, axis: axis) } ?? self
  }
}

extension LayerFilter.Target {
  /// On the given sampled rows; on all when they are left out.
  fileprivate func selecting(_ columns: [Int]?) throws -> LayerFilter.Target {
    try columns.map {
      LayerFilter.Target(
        values: try values.selecting($0, axis: 1), relativeNoise: relativeNoise,
        deviation: deviation)
    } ?? self
  }
}
