internal import GraphMatching
internal import Models
internal import Symmetry
internal import Tensors

extension FusionSession {
  /// How the parties' neurons correspond, and what they do on average.
  struct Matched {
    /// For every party whose own model is at hand, from its own order into the universe's.
    let permutations: [Int: [GroupID: Permutation]]
    /// The means of the aligned signatures that were sent, shape `[units, N]` each, by hidden layer.
    let signatures: [Int: Tensor]
    /// The means of what units do on the probe, from what was sent, by hidden layer.
    let statistics: [Int: UnitStatistics]
  }

  /// The second round, and the beginning of the third: the universe from what was released, then
  /// each party's own alignment to it.
  ///
  /// - Parameter parties: Those whose own models are at hand, by index: all without privacy, one at a
  ///   party, none where only messages are read.
  func match(_ parties: [Int: PreparedParty], _ first: FirstRound) throws -> Matched {
    if settings.matching.usesWeights, settings.disclosure != .open {
      throw FusionError.privateWeightMatching
    }
    let layers = architecture.hiddenLayers
    let groups = Set(architecture.groups.groups.map(\.id))
    guard settings.matching != .none, settings.commonInitialization == nil, !groups.isEmpty else {
      return Matched(
        permutations: parties.mapValues { _ in [:] },
        signatures: try signatureMeans(first) { $1 },
        statistics: try measuredStatistics(first, by: first.signatures.map { _ in [:] }))
    }

    let problem = try MatchingProblem(
      architecture, matching: settings.matching, signatures: first.signatures[0],
      parameters: parties[0]?.parameters)
    let released = first.signatures.enumerated().map { index, signatures in
      problem.tensors(signatures: signatures, parameters: parties[index]?.parameters)
    }
    let universe = try problem.universe(of: released)
    let permutations = try Dictionary(
      uniqueKeysWithValues: parties.map { index, party in
        guard settings.disclosure != .open else { return (index, universe.permutations[index]) }
        return (
          index,
          try alignment(
            of: problem.tensors(signatures: party.signaturesByLayer, parameters: nil).all(),
            to: universe.excluding(party: index), terms: problem.terms,
            start: universe.permutations[index])
        )
      })
    let means = try signatureMeans(first) { place, signature in
      let term = try MatchingTerm(
        axes: [architecture.units(of: layers[place.layer]), .fixed(signature.shape[1])], weight: 1)
      return try permuted([signature], by: universe.permutations[place.party], terms: [term])[0]
    }
    return Matched(
      permutations: permutations, signatures: means,
      statistics: try measuredStatistics(first, by: universe.permutations))
  }

  /// The mean over the parties of each signature that was sent.
  private func signatureMeans(
    _ first: FirstRound, _ aligned: ((party: Int, layer: Int), Tensor) throws -> Tensor
  ) throws -> [Int: Tensor] {
    try signatureLayers.reduce(into: [:]) { means, layer in
      let mean = try Self.mean(of: first.signatures.count) { party in
        guard let signature = first.signatures[party][layer] else {
          preconditionFailure("every party sent the signatures of the session")
        }
        return try aligned((party, layer), signature)
      }
      let factors = try settings.presence?.factors(
        of: architecture.hiddenLayers[layer], in: architecture)
      means[layer] = try factors.map { try mean.multiplied(by: $0) } ?? mean
    }
  }
}
