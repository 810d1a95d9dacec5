internal import LocalPrivacy
internal import Models
internal import Tensors

/// What everyone holds after the first round: signatures in each party's order, votes, scales.
struct FirstRound {
  /// For every party, the estimates of its signatures; shape `[units, N]` each.
  let signatures: [[Tensor]]
  /// For every hidden layer, the variance of the noise in an entry of one party's signature.
  let signatureVariances: [Double]
  /// Every party's vote; empty where the network is no classifier.
  let votes: [Vote]
  /// The agreed scale of every parameter that is clipped relative to one.
  let scales: [String: Double]

  init(
    _ session: FusionSession, _ parties: [PreparedParty], outboxes: inout [Outbox],
    progress: FusionProgress
  ) throws {
    let architecture = session.architecture
    var signatures: [[Tensor]] = []
    var variances = architecture.hiddenLayers.map { _ in 0.0 }
    let signatureScales = try Self.signatureScales(session, parties, &outboxes)
    for (index, party) in parties.enumerated() {
      try progress(.release, Double(index) / Double(parties.count))
      signatures.append(
        try architecture.hiddenLayers.indices.map { layer in
          let message = try outboxes[index].send(
            party.signatures[layer], radius: ClippingTable.signatures * signatureScales[layer],
            deviations: ClippingTable.signatures, as: "signature of layer \(layer)")
          variances[layer] = message.noiseVariance
          return message.estimate
        })
    }
    self.signatures = signatures
    signatureVariances = variances
    votes = try parties.enumerated().compactMap { index, party in
      try outboxes[index].vote(party)
    }
    scales = try Self.scales(session, parties, &outboxes)
  }

  /// The scale of each hidden layer's values: 1 in canonical form, released otherwise.
  private static func signatureScales(
    _ session: FusionSession, _ parties: [PreparedParty], _ outboxes: inout [Outbox]
  ) throws -> [Double] {
    let architecture = session.architecture
    return try architecture.hiddenLayers.enumerated().map { index, layer in
      if session.isCanonical(layer) || session.settings.disclosure == .open { return 1 }
      return try agree(
        .signature, on: parties.map { try $0.signatures[index].centred() },
        as: "scale of signature \(index)", &outboxes)
    }
  }

  /// The scales that parameters are clipped by.
  private static func scales(
    _ session: FusionSession, _ parties: [PreparedParty], _ outboxes: inout [Outbox]
  ) throws -> [String: Double] {
    guard session.settings.disclosure != .open else { return [:] }
    var result: [String: Double] = [:]
    for name in session.architecture.pass.graph.parameterNames {
      guard let expectation = session.expectedScale(of: name) else { continue }
      let values = try parties.compactMap { try session.sent(name, of: $0) }
      result[name] = try agree(expectation, on: values, as: "scale of \(name)", &outboxes)
    }
    return result
  }

  private static func agree(
    _ scale: PublicScale, on values: [Tensor], as name: String, _ outboxes: inout [Outbox]
  ) throws -> Double {
    var offsets: [Double] = []
    var variance = 0.0
    for (index, value) in values.enumerated() {
      let offset = Tensor(Float(try scale.offset(of: value)))
      let message = try outboxes[index].send(
        offset, radius: scale.radius, deviations: 3, as: name)
      offsets.append(try message.estimate.scalar())
      variance = message.noiseVariance
    }
    return scale.agreed(offsets, noiseVariance: variance)
  }
}

extension Tensor {
  /// Each row minus its mean.
  func centred() throws -> Tensor { try subtracting(mean([rank - 1], keepingAxes: true)) }
}
