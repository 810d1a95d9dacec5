internal import Models
internal import Symmetry
internal import Tensors

extension FusionSession {
  /// The common order of parties whose models are all in one hand, and nothing more.
  ///
  /// - Returns: For every party by group: position `i` of the universe is the party's `indices[i]`;
  ///   and what every hidden layer's units do, shape `[units, N]`, in the party's own order.
  func orders(
    of parties: [PartyModel]
  ) throws -> (orders: [[GroupID: Permutation]], signatures: [[Tensor]]) {
    let prepared = try parties.enumerated().map { try PreparedParty($1, self, at: $0) }
    var outboxes = parties.map { _ in Outbox(settings) }
    let first = try FirstRound(
      self,
      prepared.enumerated().map { index, party in
        try FirstMessage(self, through: &outboxes[index]) { party }
      })
    let matched = try match(
      Dictionary(uniqueKeysWithValues: prepared.enumerated().map { ($0, $1) }), first)
    return (
      parties.indices.map { matched.permutations[$0] ?? [:] }, prepared.map(\.signatures)
    )
  }
}

extension SharedArchitecture {
  /// What the units of a group do, of all hidden layers whose units are just the group's.
  ///
  /// - Parameters:
  ///   - signatures: By hidden layer.
  ///   - units: How many of the slots, from the front, are units.
  /// - Returns: Shape `[units, N]`; `nil` where there is no such layer.
  func signature(of group: GroupID, _ signatures: [Tensor], units: Int) throws -> Tensor? {
    let own = try zip(hiddenLayers, signatures).compactMap { layer, signature -> Tensor? in
      guard case .group(group, _) = self.units(of: layer) else { return nil }
      return try signature.slice(0..<units).centred()
    }
    return own.isEmpty ? nil : try Tensor.concatenated(own, axis: 1)
  }
}
