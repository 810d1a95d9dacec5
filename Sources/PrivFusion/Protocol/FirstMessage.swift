internal import LocalPrivacy
internal import Models
internal import Tensors

/// What a party sends in the first round: signatures in its own order, votes, and scales where weights
/// follow.
struct FirstMessage {
  /// The estimates of its signatures, shape `[units, N]` each, by the hidden layer that they are of.
  let signatures: [Int: Tensor]
  /// The variance of the noise in an entry of each signature.
  let signatureVariances: [Int: Double]
  /// `nil` where the network is no classifier.
  let vote: Vote?
  /// For every parameter that is clipped relative to a scale, the party's own as it sent it.
  let offsets: [String: Message]

  /// Walks through the message, sending or reading it.
  ///
  /// - Parameter party: Asked for what is sent; not where the message is read.
  init(
    _ session: FusionSession, through port: inout some MessagePort,
    of party: () throws -> PreparedParty
  ) throws {
    var signatures: [Int: Tensor] = [:]
    var variances: [Int: Double] = [:]
    for index in session.signatureLayers {
      let shape = session.architecture.signatureShapes[index]
      let scale = try Self.signatureScale(index, session, &port, party)
      let message = try port.numbers(
        MessageItem(
          name: "signature of layer \(index)", shape: shape,
          radius: ClippingTable.signatures * scale, deviations: ClippingTable.signatures)
      ) { try party().signatures[index] }
      signatures[index] = message.estimate
      variances[index] = message.noiseVariance
    }
    self.signatures = signatures
    signatureVariances = variances
    vote = try session.architecture.classCount.map { classes in
      try port.vote(count: session.architecture.probe.count, classes: classes, of: party)
    }
    offsets = try session.scaleExpectations().reduce(into: [:]) { offsets, entry in
      let (name, expectation) = entry
      offsets[name] = try port.numbers(expectation.item("scale of \(name)")) {
        try expectation.message(of: session.sent(name, of: party()))
      }
    }
  }

  /// The scale of a hidden layer's values: 1 in canonical form, otherwise what the party says of its
  /// own, so that no one has to wait for the others' before sending a signature.
  private static func signatureScale(
    _ index: Int, _ session: FusionSession, _ port: inout some MessagePort,
    _ party: () throws -> PreparedParty
  ) throws -> Double {
    let layer = session.architecture.hiddenLayers[index]
    if session.isCanonical(layer) || session.settings.disclosure == .open { return 1 }
    let expectation = PublicScale.signature
    let offset = try port.numbers(expectation.item("scale of signature \(index)")) {
      try expectation.message(of: party().signatures[index].centred())
    }
    return try expectation.agreed([offset])
  }
}

extension PublicScale {
  /// What everyone knows of a scale before it is sent.
  func item(_ name: String) -> MessageItem {
    MessageItem(name: name, shape: [], radius: radius, deviations: 3)
  }

  /// What a party sends of the scale of its values.
  func message(of values: Tensor) throws -> Tensor { Tensor(Float(try offset(of: values))) }

  /// The agreed scale.
  func agreed(_ offsets: [Message]) throws -> Double {
    agreed(
      try offsets.map { try $0.estimate.scalar() }, noiseVariance: offsets.last?.noiseVariance ?? 0)
  }
}

extension FusionSession {
  /// The hidden layers, by index, whose signatures are sent.
  var signatureLayers: Range<Int> {
    settings.messages.signatureLayers(of: architecture.hiddenLayers.count)
  }

  /// The parameters that are clipped relative to a scale, with what is publicly expected of it, in
  /// the protocol's order.
  func scaleExpectations() -> [(name: String, expectation: PublicScale)] {
    guard settings.disclosure != .open, settings.messages == .everything else { return [] }
    return architecture.pass.graph.parameterNames.compactMap { name in
      expectedScale(of: name).map { (name, $0) }
    }
  }
}
