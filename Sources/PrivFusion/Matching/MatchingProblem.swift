internal import GraphMatching
internal import Models
internal import Symmetry
internal import Tensors

/// What neurons are matched by: the terms of one kind of matching, and a party's tensors for them.
struct MatchingProblem {
  private let matching: FusionSettings.Matching
  let terms: [MatchingTerm]
  /// The hidden layers whose signatures are terms; these terms come first.
  private let layers: [Int]
  /// The parameters that are terms.
  private let names: [String]

  /// - Parameters:
  ///   - signatures: The first party's, shape `[units, N]` each, by hidden layer; only which there are
  ///     and their shapes count.
  ///   - parameters: The first party's, for what activations weigh beside weights; `nil` where only
  ///     messages are read, which is possible where weights are no terms.
  init(
    _ architecture: SharedArchitecture, matching: FusionSettings.Matching,
    signatures: [Int: Tensor],
    parameters: (any ParameterSource)?
  ) throws {
    self.matching = matching
    let hidden = architecture.hiddenLayers
    let layers = hidden.indices.filter {
      matching.usesActivations && signatures[$0] != nil
        && !architecture.units(of: hidden[$0]).groups.isEmpty
    }
    let names = matching.usesWeights ? architecture.pass.graph.parameterNames : []
    let weight = try parameters.map { try Self.activationWeight(architecture, names, $0) } ?? 1
    terms =
      try layers.map { index in
        let samples = signatures[index]?.shape[1] ?? 0
        return try MatchingTerm(
          axes: [architecture.units(of: hidden[index]), .fixed(samples)],
          weight: weight / Double(samples))
      }
      + names.map {
        try MatchingTerm(axes: architecture.groups.structures[$0] ?? [], weight: 1)
      }
    (self.layers, self.names) = (layers, names)
  }

  /// One tensor a term.
  ///
  /// - Parameter parameters: A party's; `nil` where weights are no terms.
  func tensors(signatures: [Int: Tensor], parameters: (any ParameterSource)?) -> PartyTensors {
    PartyTensors(count: terms.count) { [layers, names] term in
      if term < layers.count, let signature = signatures[layers[term]] {
        return try signature.centred()
      }
      let name = names[term - layers.count]
      guard let tensor = try parameters?.parameter(name) else {
        throw FusionError.missingParameter(name)
      }
      return tensor
    }
  }

  /// The common order of all parties, from one tensor a term each.
  ///
  /// The joint ascent starts from the order that the activations give.
  func universe(of parties: [PartyTensors]) throws -> MatchedUniverse {
    guard matching == .joint else { return try GraphMatching.universe(of: parties, terms: terms) }
    let start = try GraphMatching.universe(
      of: parties.map { party in PartyTensors(count: layers.count) { try party.tensor($0) } },
      terms: Array(terms.prefix(layers.count)))
    return try JointMatching().universe(of: parties, terms: terms, start: start.permutations)
      .universe
  }

  /// What an activation term weighs beside weights: as much in all as the weights do.
  ///
  ///     lambda = ||W||² / sum of widths
  private static func activationWeight(
    _ architecture: SharedArchitecture, _ names: [String], _ parameters: any ParameterSource
  ) throws -> Double {
    guard !names.isEmpty else { return 1 }
    let norm = try names.reduce(0) { total, name in
      guard let weight = try parameters.parameter(name) else { return total }
      return try total + weight.multiplied(by: weight).sum().scalar()
    }
    let widths = architecture.hiddenLayers.reduce(0) { $0 + architecture.units(of: $1).size }
    return norm / Double(max(widths, 1))
  }
}

extension FusionSettings.Matching {
  var usesActivations: Bool { [.activations, .both, .joint].contains(self) }
  /// Weights are known before they are in the common order only where nothing is randomised.
  var usesWeights: Bool { [.weights, .both, .joint].contains(self) }
}
