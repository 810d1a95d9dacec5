public import Symmetry
public import Tensors

/// Parties whose permutation groups have been brought into one common order.
///
/// It holds the order alone: tensors are made again from the parties' own when they are asked for.
public struct MatchedUniverse: Sendable {
  let plan: MatchingPlan
  let parties: [PartyTensors]
  /// For every party and group: position `i` of the universe is the party's `indices[i]`. Those of
  /// party 0 are identities.
  public let permutations: [[GroupID: Permutation]]
  /// The objective after the sequential start and after every sweep; it never falls.
  public let objectives: [Double]
  /// Whether the sweeps ended because nothing changed any more.
  public let hasConverged: Bool

  /// A party's tensors in the universe's order, one a term.
  public func aligned(party: Int) throws -> [Tensor] {
    precondition(parties.indices.contains(party), "party \(party) of \(parties.count)")
    return try plan.terms.indices.map { try aligned($0, party: party) }
  }

  /// For every term the sum of the aligned tensors, in the element type of the first party.
  public func sums() throws -> [Tensor] { try sums(of: Array(parties.indices)) }

  /// For every term the mean of the aligned tensors.
  public func means() throws -> [Tensor] {
    try sums().map { try $0.multiplied(by: 1 / Double(parties.count)) }
  }

  /// The sums without one party's part, added up again from the other parties.
  ///
  /// - Returns: For every term a tensor; zeros when there is no other party.
  public func excluding(party: Int) throws -> [Tensor] {
    precondition(parties.indices.contains(party), "party \(party) of \(parties.count)")
    return try sums(of: parties.indices.filter { $0 != party })
  }

  /// For every two parties the map between them that the universe gives.
  ///
  /// - Returns: `[p][q]`: position `i` of party `q` is party `p`'s `indices[i]`.
  public var maps: [[[GroupID: Permutation]]] {
    permutations.map { one in
      permutations.map { other in
        one.merging(other.mapValues(\.inverse)) { own, back in own.then(back) }
      }
    }
  }

  private func aligned(_ term: Int, party: Int) throws -> Tensor {
    try plan.permuted(parties[party].tensor(term), term: term, by: permutations[party])
  }

  /// Sums in double precision, then in the type of the first party.
  private func sums(of chosen: [Int]) throws -> [Tensor] {
    try plan.terms.indices.map { term in
      var total = try Tensor.zeros(plan.terms[term].shape, type: .float64)
      for party in chosen {
        total = try total.adding(aligned(term, party: party).cast(to: .float64))
      }
      return try total.cast(to: parties[0].tensor(term).elementType)
    }
  }
}
