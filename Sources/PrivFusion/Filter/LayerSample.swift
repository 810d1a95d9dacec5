internal import Models
internal import Tensors

/// Where, in a hidden layer's output for some probes, the rows are that its signature holds.
struct LayerSample {
  /// Which hidden layer.
  let index: Int
  let layer: LinearLayer
  /// The number of rows of the output for one probe.
  private let rowsPerProbe: Int
  /// For every probe, the rows of its own that the signature holds.
  private let positions: [[Int]]

  /// The samples of all hidden layers whose rows belong to one probe each.
  static func all(_ session: FusionSession, parameters: [String: Tensor]) throws -> [LayerSample] {
    let architecture = session.architecture
    let batch = architecture.probe.batches[0]
    let count = batch.values.first?.shape.first ?? 0
    let values = try withoutGradients {
      try architecture.pass.values(
        batch, parameters: parameters,
        capturing: Set(architecture.hiddenLayers.map(\.output)))
    }
    return try architecture.hiddenLayers.enumerated().compactMap { index, layer in
      guard let value = values[layer.output], value.shape[0] == count, count > 0 else { return nil }
      let each = try layer.outputRows(value).shape[0] / count
      return LayerSample(session, index: index, layer: layer, rowsPerProbe: each)
    }
  }

  private init(_ session: FusionSession, index: Int, layer: LinearLayer, rowsPerProbe: Int) {
    self.index = index
    self.layer = layer
    self.rowsPerProbe = rowsPerProbe
    positions = session.architecture.probe.batches.indices.flatMap { batch -> [[Int]] in
      let probes = session.architecture.probe.batches[batch].values.first?.shape.first ?? 0
      let sample = session.architecture.rows(
        of: layer, batch: batch, total: probes * rowsPerProbe)
      var own = [[Int]](repeating: [], count: probes)
      for row in sample.rows { own[row / rowsPerProbe].append(row % rowsPerProbe) }
      return own
    }
  }

  /// Columns of the signature that belong to some probes.
  func columns(of probes: [Int]) -> [Int] {
    let each = positions.first?.count ?? 0
    return probes.flatMap { probe in (0..<each).map { probe * each + $0 } }
  }

  /// The same rows in the output for a batch of just these probes.
  func rows(of probes: [Int]) -> [Int] {
    probes.enumerated().flatMap { place, probe in
      positions[probe].map { place * rowsPerProbe + $0 }
    }
  }

  /// Outputs of units that keep their own deviation, as a standardised target has them.
  func standardized(_ rows: Tensor, _ target: LayerFilter.Target) throws -> Tensor {
    let center = try target.values.mean([1])
    return try rows.subtracting(center).divided(by: target.deviation).adding(center)
  }
}
