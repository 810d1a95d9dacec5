internal import Models
public import Tensors

/// What a party works out from its own model before it releases anything. Nothing of this leaves.
struct PreparedParty {
  /// Parameters of the folded graph, in canonical form unless there is a common initialisation.
  let parameters: [String: Tensor]
  /// Pre-activations of every hidden layer on the sampled rows, shape `[units, N]` each.
  let signatures: [Tensor]
  /// Log-probabilities on the probe, shape `[m, classes]`, when the network is a classifier.
  let logProbabilities: Tensor?
  /// The party's parameters as they came.
  let original: [String: Tensor]

  init(_ model: PartyModel, _ session: FusionSession) throws {
    let architecture = session.architecture
    let isCanonical = session.settings.commonInitialization == nil
    original = model.parameters
    let folded = try architecture.folding.fold(model.parameters)
    var parts: [String: [Tensor]] = [:]
    let wanted = Set(
      architecture.hiddenLayers.map(\.output) + (architecture.outputLayer.map { [$0.output] } ?? [])
    )
    for batch in architecture.probe.batches {
      let values = try withoutGradients {
        try architecture.pass.values(batch, parameters: folded, capturing: wanted)
      }
      for (name, value) in values { parts[name, default: []].append(value) }
    }
    var signatures = try architecture.hiddenLayers.map {
      try architecture.signature(of: $0, outputs: parts[$0.output] ?? [])
    }
    logProbabilities = try architecture.outputLayer.map {
      try Tensor.concatenated(parts[$0.output] ?? []).logSoftmax(axis: 1)
    }
    guard isCanonical else {
      parameters = folded
      self.signatures = signatures
      return
    }
    var deviations: [String: Tensor] = [:]
    for (index, layer) in architecture.hiddenLayers.enumerated()
    where architecture.scaling.scaledOutputs.contains(layer.output) {
      let deviation = try signatures[index].variance([1]).squareRoot()
      deviations[layer.output] = deviation
      signatures[index] = try signatures[index]
        .divided(by: CanonicalScaling.floored(deviation).unsqueezed(1))
    }
    parameters = try architecture.scaling.canonical(
      folded, layers: architecture.hiddenLayers, deviations: deviations)
    self.signatures = signatures
  }

  /// The predicted label of every probe.
  func labels() throws -> [Int] {
    guard let logProbabilities else { return [] }
    let labels: [Int64] = try logProbabilities.argmax(axis: 1).elements()
    return labels.map(Int.init)
  }
}

/// A party's model: parameters under the shared graph's names.
public struct PartyModel: Sendable {
  public let name: String
  let parameters: [String: Tensor]

  /// - Parameters:
  ///   - name: What to call the party in words; public.
  ///   - parameters: All parameters of the shared graph.
  public init(name: String, parameters: [String: Tensor]) {
    self.name = name
    self.parameters = parameters
  }
}
