internal import LocalPrivacy
internal import Models
internal import Tensors

/// What everyone holds after the first round: signatures in each party's order, votes, scales.
struct FirstRound {
  /// For every party, the estimates of its signatures; shape `[units, N]` each.
  let signatures: [[Tensor]]
  /// For every hidden layer, the variance of the noise in an entry of one party's signature.
  let signatureVariances: [Double]
  /// The centred log of the posterior class probabilities of each probe, shape `[m, classes]`,
  /// clamped at 1e-3 in probability.
  let logPosterior: Tensor?
  /// What the output layer is regressed on, shape `[m, classes]`: the same, but the mean of the
  /// parties' centred log-probabilities where these are known, which vary more smoothly with the
  /// inputs than the logarithm of their mean.
  let outputTarget: Tensor?
  /// Whether votes were randomised labels, as opposed to probabilities.
  let hasLabelVotes: Bool
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
    hasLabelVotes = session.settings.disclosure != .open
    let votes = try Self.votes(session, parties, &outboxes)
    logPosterior = try Self.logPosterior(votes, hasLabelVotes: hasLabelVotes)
    outputTarget =
      hasLabelVotes || votes.isEmpty ? logPosterior : try FusionSession.mean(votes).centred()
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

  /// Every party's votes as log-likelihoods of each probe's class; empty without classes.
  private static func votes(
    _ session: FusionSession, _ parties: [PreparedParty], _ outboxes: inout [Outbox]
  ) throws -> [Tensor] {
    guard let classes = parties[0].logProbabilities?.shape[1], classes > 1 else { return [] }
    return try parties.enumerated().map { index, party in
      try outboxes[index].vote(party, classes: classes)
    }
  }

  /// Randomised labels multiply likelihoods; probabilities are averaged, which serves parties of
  /// unlike data better than averaging their logarithms.
  private static func logPosterior(_ votes: [Tensor], hasLabelVotes: Bool) throws -> Tensor? {
    guard let first = votes.first else { return nil }
    let posterior =
      hasLabelVotes
      ? try votes.dropFirst().reduce(first) { try $0.adding($1) }.softmax()
      : try FusionSession.mean(votes.map { try $0.exponential() })
    return try posterior.clamped(to: 1e-3...1).logarithm().centred()
  }
}

extension Tensor {
  /// Each row minus its mean.
  func centred() throws -> Tensor { try subtracting(mean([rank - 1], keepingAxes: true)) }
}
