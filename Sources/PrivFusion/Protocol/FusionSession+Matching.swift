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
    let byWeights = settings.matching == .weights || settings.matching == .both
    if byWeights, settings.disclosure != .open { throw FusionError.privateWeightMatching }
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
        signatures: try means(of: first.signatures))
    }

    let activationTerms = layers.indices.filter {
      settings.matching != .weights && !architecture.units(of: layers[$0]).groups.isEmpty
    }
    let weightNames = byWeights ? architecture.pass.graph.parameterNames : []
    let terms =
      try activationTerms.map { index in
        try MatchingTerm(
          axes: signatureTerms[index].axes,
          weight: activationWeight(parties[0]?.parameters ?? [:], names: weightNames)
            / Double(signatureTerms[index].axes[1].size))
      }
      + weightNames.map {
        try MatchingTerm(axes: architecture.groups.structures[$0] ?? [], weight: 1)
      }
    func tensors(_ signatures: [Tensor], _ party: PreparedParty?) throws -> [Tensor] {
      try activationTerms.map { try signatures[$0].centred() }
        + weightNames.compactMap { party?.parameters[$0] }
    }
    let released = try first.signatures.indices.map {
      try tensors(first.signatures[$0], parties[$0])
    }
    let universe = try GraphMatching.universe(of: released, terms: terms)
    let permutations =
      try Dictionary(
        uniqueKeysWithValues: parties.map { index, party in
          guard settings.disclosure != .open else { return (index, universe.permutations[index]) }
          return (
            index,
            try alignment(
              of: tensors(party.signatures, party), to: universe.excluding(party: index),
              terms: terms, start: universe.permutations[index])
          )
        })
    let aligned = try first.signatures.indices.map { index in
      try permuted(
        first.signatures[index], by: universe.permutations[index], terms: signatureTerms)
    }
    return Matched(permutations: permutations, signatures: try means(of: aligned))
  }

  /// What an activation term weighs beside weights: as much in all as the weights do.
  ///
  ///     lambda = ||W||² / sum of widths
  private func activationWeight(
    _ parameters: [String: Tensor], names: [String]
  ) throws -> Double {
    guard !names.isEmpty else { return 1 }
    let norm = try names.compactMap { parameters[$0] }
      .reduce(0) { try $0 + $1.multiplied(by: $1).sum().scalar() }
    let widths = architecture.hiddenLayers.reduce(0) { $0 + architecture.units(of: $1).size }
    return norm / Double(max(widths, 1))
  }

  private func means(of parties: [[Tensor]]) throws -> [Tensor] {
    try parties[0].indices.map { index in try Self.mean(parties.map { $0[index] }) }
  }
}
