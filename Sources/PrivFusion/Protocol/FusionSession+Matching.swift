internal import GraphMatching
internal import Models
internal import Symmetry
internal import Tensors

extension FusionSession {
  /// How the parties' neurons correspond, and what they do on average.
  struct Matched {
    /// For every party whose own model is at hand, from its own order into the universe's.
    let permutations: [Int: [GroupID: Permutation]]
    /// The mean of the aligned signatures, a tensor `[units, N]` a hidden layer.
    let signatures: [Tensor]
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
    let signatureTerms = try layers.indices.map { index in
      try MatchingTerm(
        axes: [architecture.units(of: layers[index]), .fixed(first.signatures[0][index].shape[1])],
        weight: 1)
    }
    let groups = Set(architecture.groups.groups.map(\.id))
    guard settings.matching != .none, settings.commonInitialization == nil, !groups.isEmpty else {
      return Matched(
        permutations: parties.mapValues { _ in [:] },
        signatures: try layers.indices.map { layer in
          try Self.mean(of: first.signatures.count) { first.signatures[$0][layer] }
        })
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
            of: problem.tensors(signatures: party.signatures, parameters: nil).all(),
            to: universe.excluding(party: index), terms: problem.terms,
            start: universe.permutations[index])
        )
      })
    let means = try layers.indices.map { layer in
      try Self.mean(of: first.signatures.count) { party in
        try permuted(
          [first.signatures[party][layer]], by: universe.permutations[party],
          terms: [signatureTerms[layer]])[0]
      }
    }
    return Matched(permutations: permutations, signatures: means)
  }
}
