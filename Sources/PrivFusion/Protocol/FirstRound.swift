internal import Models
internal import Tensors

/// What everyone holds after the first round: signatures in each party's order, votes, scales.
struct FirstRound {
  /// For every party, the estimates of its signatures, shape `[units, N]` each, by hidden layer.
  let signatures: [[Int: Tensor]]
  /// The mean variance of the noise in an entry of one party's signature, by hidden layer.
  let signatureVariances: [Int: Double]
  /// Every party's vote; empty where the network is no classifier.
  let votes: [Vote]
  /// The agreed scale of every parameter that is clipped relative to one.
  let scales: [String: Double]

  /// - Parameter messages: One of every party, at least one.
  init(_ session: FusionSession, _ messages: [FirstMessage]) throws {
    signatures = messages.map(\.signatures)
    signatureVariances = session.signatureLayers.reduce(into: [:]) { variances, layer in
      variances[layer] =
        messages.reduce(0) { $0 + ($1.signatureVariances[layer] ?? 0) } / Double(messages.count)
    }
    votes = messages.compactMap(\.vote)
    scales = try session.scaleExpectations().reduce(into: [:]) { scales, entry in
      let (name, expectation) = entry
      scales[name] = try expectation.agreed(messages.compactMap { $0.offsets[name] })
    }
  }
}

extension Tensor {
  /// Each row minus its mean.
  func centred() throws -> Tensor { try subtracting(mean([rank - 1], keepingAxes: true)) }
}
