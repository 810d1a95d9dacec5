internal import Models
public import Tensors

/// What a party works out from its own model before it releases anything. Nothing of this leaves.
struct PreparedParty {
  /// Parameters of the folded graph, in canonical form unless the settings leave it out or there is a common initialisation; each
  /// is made when it is asked for, from the party's own.
  let parameters: any ParameterSource
  /// Pre-activations of every hidden layer on the sampled rows, shape `[units, N]` each.
  let signatures: [Tensor]
  /// The same, by hidden layer.
  var signaturesByLayer: [Int: Tensor] {
    Dictionary(uniqueKeysWithValues: signatures.enumerated().map { ($0, $1) })
  }
  /// Log-probabilities on the probe, shape `[m, classes]`, when the network is a classifier; logits
  /// where parties know different outputs.
  let logProbabilities: Tensor?
  /// What units were divided by in canonical form, shape `[units]` each, by layer output.
  let scales: [String: Tensor]
  /// The party's parameters as they came.
  let original: [String: Tensor]

  /// - Parameter place: The party's among those of the settings' presence, if there is one.
  init(_ model: PartyModel, _ session: FusionSession, at place: Int = 0) throws {
    let architecture = session.architecture
    original = model.parameters
    let folded = FoldedParameters(architecture.folding, of: model.parameters)
    let seen = try Self.outputs(of: architecture, folded)
    logProbabilities = try architecture.outputLayer.map { _ in
      let logits = try Tensor.concatenated(seen.logits)
      // Outputs that the party does not know are 0 and no part of its probabilities.
      return session.settings.presence?.outputs == nil ? try logits.logSoftmax(axis: 1) : logits
    }
    guard session.settings.commonInitialization == nil, session.settings.usesCanonicalForm else {
      parameters = folded
      scales = [:]
      signatures = seen.signatures
      return
    }
    var signatures = seen.signatures
    var deviations: [String: Tensor] = [:]
    for (index, layer) in architecture.hiddenLayers.enumerated()
    where architecture.scaling.scaledOutputs.contains(layer.output) {
      var deviation = try signatures[index].variance([1]).squareRoot()
      if let presence = session.settings.presence {
        deviation = try presence.filled(deviation, party: place, layer: layer, in: architecture)
      }
      deviations[layer.output] = deviation
      signatures[index] = try signatures[index]
        .divided(by: CanonicalScaling.floored(deviation).unsqueezed(1))
    }
    parameters = try CanonicalParameters(
      architecture.scaling, of: folded, layers: architecture.hiddenLayers, deviations: deviations)
    self.signatures = signatures
    scales = try deviations.mapValues { try CanonicalScaling.floored($0) }
  }

  /// What the network does on the probe. Of a layer's outputs the sampled rows are kept.
  private static func outputs(
    of architecture: SharedArchitecture, _ parameters: any ParameterSource
  ) throws -> (signatures: [Tensor], logits: [Tensor]) {
    let layers = Dictionary(
      uniqueKeysWithValues: architecture.hiddenLayers.map { ($0.output, $0) })
    var rows: [String: [Tensor]] = [:]
    var logits: [Tensor] = []
    for (index, batch) in architecture.probe.batches.enumerated() {
      var missing = layers.count + (architecture.outputLayer == nil ? 0 : 1)
      try withoutGradients {
        try architecture.pass.visit(batch, parameters: parameters) { name, value in
          if let layer = layers[name] {
            rows[name, default: []].append(
              try architecture.sampledRows(of: layer, output: value, batch: index))
            missing -= 1
          } else if name == architecture.outputLayer?.output {
            logits.append(value)
            missing -= 1
          }
          return missing > 0
        }
      }
    }
    let signatures = try architecture.hiddenLayers.map {
      try architecture.signature(rows: rows[$0.output] ?? [])
    }
    return (signatures, logits)
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
  package let parameters: [String: Tensor]

  /// - Parameters:
  ///   - name: What to call the party in words; public.
  ///   - parameters: All parameters of the shared graph.
  public init(name: String, parameters: [String: Tensor]) {
    self.name = name
    self.parameters = parameters
  }
}
