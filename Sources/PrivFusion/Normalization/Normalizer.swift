internal import Models
internal import Tensors

/// Brings the units of an averaged network to wanted statistics, layer by layer, by their own weights
/// and biases.
struct Normalizer {
  private let session: FusionSession
  private let targets: NormalizationTargets

  init(_ session: FusionSession, targets: NormalizationTargets) {
    self.session = session
    self.targets = targets
  }

  /// The average's parameters, normalised.
  ///
  /// - Parameters:
  ///   - average: Of the aligned weights.
  ///   - method: With ``Normalization/auto`` nothing is done: what is chosen is named.
  ///   - probes: Those that statistics are taken on; all when left out.
  func run(_ average: AveragedWeights, by method: Normalization, probes: [Int]? = nil) throws
    -> [String: Tensor]
  {
    switch method {
    case .auto, .none: average.parameters
    case .dataFree: try withoutData(average)
    case .repair: try measured(average.parameters, on: probes) { targets.measured[$0] }
    case .statistics: try measured(average.parameters, on: probes, wanted: normalizationStatistics)
    }
  }

  /// What batch normalisation says of a layer that it was folded into.
  private func normalizationStatistics(_ layer: Int) -> UnitStatistics? {
    let output = session.architecture.hiddenLayers[layer].output
    guard session.architecture.folding.normalization(of: output) != nil else { return nil }
    return targets.stored[layer] ?? targets.measured[layer]
  }

  /// Scales every unit by what averaging took from its weights.
  ///
  ///     W'[u] = W~[u] · sqrt((mean over p of ||W_p[u]||² - d v) / ||W~[u]||²)
  ///
  /// d is the number of a unit's inputs and v the known variance of the noise in one of a party's
  /// weights. With independent inputs of equal variance the deviation of W[u] x is proportional to
  /// ||W[u]||, so that for parties of equal norms the factor is sqrt(n / (1 + (n - 1) rho)), with rho
  /// the mean cosine of their weights: what Wang et al., ICLR 2025, "Forget the Data and Fine-Tuning!
  /// Just Fold the Network to Compress", section 4, call Fold-AR for units of one network. A unit is
  /// scaled about the mean that batch normalisation gives it where that is known, and about its bias
  /// otherwise, which is its mean where inputs are centred.
  private func withoutData(_ average: AveragedWeights) throws -> [String: Tensor] {
    var result = average.parameters
    for (index, layer) in session.architecture.hiddenLayers.enumerated() {
      guard let weight = average.parameters[layer.weight],
        let wanted = average.rowSquares[layer.weight]
      else { continue }
      let found = try layer.rowSquares(weight)
      let least = max(1e-6 * (try found.mean().scalar()), 1e-30)
      let factor = try wanted.divided(by: found.clamped(atLeast: least)).squareRoot()
        .cast(to: weight.elementType)
      result[layer.weight] = try weight.scaled(by: factor, axis: layer.outputAxis)
      if let name = layer.bias, let bias = average.parameters[name],
        let center = targets.stored[index]?.mean
      {
        result[name] = try bias.subtracting(center).multiplied(by: factor).adding(center)
      }
    }
    return result
  }

  /// Gives units the wanted statistics on the probe, each layer through those before it as they are
  /// by then; and normalisation that was not folded the statistics of what it reads.
  private func measured(
    _ parameters: [String: Tensor], on probes: [Int]?, wanted: (Int) -> UnitStatistics?
  ) throws -> [String: Tensor] {
    let architecture = session.architecture
    let columns = try probes.map { probes in
      try LayerSample.all(session, parameters: parameters)
        .reduce(into: [Int: [Int]]()) { $0[$1.index] = $1.columns(of: probes) }
    }
    let hidden = Dictionary(
      uniqueKeysWithValues: architecture.hiddenLayers.enumerated().map { ($1.node, $0) })
    var current = parameters
    let pass = StagedPass(architecture.pass, inputs: architecture.probe)
    return try pass.run(parameters: parameters) { node, values in
      var changed: [String: Tensor] = [:]
      if let index = hidden[node], let wanted = wanted(index) {
        changed = try corrected(index, current, values, wanted, columns: columns?[index])
      } else {
        changed = try reestimated(architecture.pass.graph.nodes[node], current, values, probes)
      }
      current.merge(changed) { _, new in new }
      return changed
    }
  }

  /// A layer whose units have the wanted statistics on some sampled rows.
  private func corrected(
    _ index: Int, _ parameters: [String: Tensor], _ values: [String: [Tensor]],
    _ wanted: UnitStatistics, columns: [Int]?
  ) throws -> [String: Tensor] {
    let layer = session.architecture.hiddenLayers[index]
    guard let weight = parameters[layer.weight], let inputs = values[layer.input] else {
      return [:]
    }
    var rows = try session.architecture.inputRows(of: layer, inputs: inputs)
    if let columns { rows = try rows.selecting(columns, axis: 1) }
    guard rows.shape[1] > 1 else { return [:] }
    let matrices = try layer.matrices(weight)
    let outputs = try rows.matmul(matrices.transposed())
    let deviation = try outputs.variance([1]).squareRoot()
    // A unit that hardly moves on the probe would be blown up without bound.
    let least = max(1e-3 * (try wanted.deviation.mean().scalar()), 1e-12)
    let ratio = try wanted.deviation.reshaped(deviation.shape)
      .divided(by: deviation.clamped(atLeast: least))
    let scaled = try matrices.multiplied(by: ratio.unsqueezed(2))
    var result = [layer.weight: try layer.weight(scaled, shape: weight.shape)]
    if let bias = layer.bias {
      result[bias] = try wanted.mean.subtracting(
        outputs.mean([1]).multiplied(by: ratio).reshaped([-1]))
    }
    return result
  }

  /// Mean and variance of what a batch normalisation reads; nothing for other nodes.
  private func reestimated(
    _ node: ModelGraph.Node, _ parameters: [String: Tensor], _ values: [String: [Tensor]],
    _ probes: [Int]?
  ) throws -> [String: Tensor] {
    guard node.operation == "BatchNormalization", node.inputs.count > 4,
      parameters[node.inputs[3]] != nil, parameters[node.inputs[4]] != nil,
      let batches = values[node.inputs[0]]
    else { return [:] }
    var all = try Tensor.concatenated(batches)
    if let probes { all = try all.selecting(probes, axis: 0) }
    let axes = (0..<all.rank).filter { $0 != 1 }
    guard all.count > all.shape[1] else { return [:] }
    return [node.inputs[3]: try all.mean(axes), node.inputs[4]: try all.variance(axes)]
  }
}

extension LinearLayer {
  /// The sum of squares of every unit's weights, shape `[units]`, in double precision.
  func rowSquares(_ weight: Tensor) throws -> Tensor {
    let rows = try matrices(weight).cast(to: .float64)
    return try rows.multiplied(by: rows).sum([2]).reshaped([-1])
  }
}

/// The mean over parties of the sums of squares of their units' weights, without the noise's part.
struct RowSquares {
  private let layer: LinearLayer
  private var sum: Tensor?

  init(_ layer: LinearLayer) { self.layer = layer }

  mutating func add(_ weight: Tensor) throws {
    let own = try layer.rowSquares(weight)
    sum = try sum.map { try $0.adding(own) } ?? own
  }

  /// - Parameters:
  ///   - count: The number of parties.
  ///   - noiseVariance: The mean variance of the noise in one entry of one party's weight.
  /// - Returns: Shape `[units]`; a unit whose weights seem to be all noise has a tenth of its layer's
  ///   mean.
  func mean(count: Int, noiseVariance: Double, entries: Int) throws -> Tensor? {
    guard let sum else { return nil }
    let perUnit = Double(entries) / Double(sum.count)
    let raw = try sum.divided(by: Double(count))
    let clean = try raw.adding(-perUnit * noiseVariance)
    let level = max(try clean.mean().scalar(), 1e-3 * (try raw.mean().scalar()))
    return noiseVariance == 0 ? raw : try clean.clamped(atLeast: 0.1 * level)
  }
}
