internal import GraphMatching
internal import Models
internal import Symmetry
internal import Tensors

extension FusionSession {
  /// How the parties' neurons correspond, and what they do on average.
  struct Matched {
    /// For every party, from its own order into the universe's.
    let permutations: [[GroupID: Permutation]]
    /// The mean of the aligned signatures, a tensor `[units, N]` a hidden layer.
    let signatures: [Tensor]
  }

  /// The second round, and the beginning of the third: the universe from what was released, then
  /// each party's own alignment to it.
  func match(_ parties: [PreparedParty], _ first: FirstRound) throws -> Matched {
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
        permutations: parties.map { _ in [:] },
        signatures: try means(of: first.signatures))
    }

    let problem = try MatchingProblem(
      architecture, matching: settings.matching, signatures: first.signatures[0],
      parameters: parties[0].parameters)
    let released = try parties.indices.map {
      try problem.tensors(signatures: first.signatures[$0], parameters: parties[$0].parameters)
    }
    let universe = try problem.universe(of: released)
    let permutations =
      settings.disclosure == .open
      ? universe.permutations
      : try parties.indices.map { index in
        try alignment(
          of: problem.tensors(
            signatures: parties[index].signatures, parameters: parties[index].parameters),
          to: universe.excluding(party: index), terms: problem.terms,
          start: universe.permutations[index])
      }
    let aligned = try parties.indices.map { index in
      try permuted(
        first.signatures[index], by: universe.permutations[index], terms: signatureTerms)
    }
    return Matched(permutations: permutations, signatures: try means(of: aligned))
  }

  private func means(of parties: [[Tensor]]) throws -> [Tensor] {
    try parties[0].indices.map { index in try Self.mean(parties.map { $0[index] }) }
  }
}
