public import Symmetry
public import Tensors

/// Parties whose permutation groups have been brought into one common order.
public struct MatchedUniverse: Sendable {
  /// For every party and group: position `i` of the universe is the party's `indices[i]`. Those of
  /// party 0 are identities.
  public let permutations: [[GroupID: Permutation]]
  /// For every term the sum of the aligned tensors, in the element type of the first party.
  public let sums: [Tensor]
  /// For every party its tensors in the universe's order.
  public let aligned: [[Tensor]]
  /// The objective after the sequential start and after every sweep; it never falls.
  public let objectives: [Double]
  /// Whether the sweeps ended because nothing changed any more.
  public let hasConverged: Bool

  /// For every term the mean of the aligned tensors.
  public var means: [Tensor] {
    get throws { try sums.map { try $0.multiplied(by: 1 / Double(permutations.count)) } }
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

  /// The sums without one party's part, added up again from the other parties.
  ///
  /// - Returns: For every term a tensor; zeros when there is no other party.
  public func excluding(party: Int) throws -> [Tensor] {
    precondition(aligned.indices.contains(party), "party \(party) of \(aligned.count)")
    return try sum(of: aligned.indices.filter { $0 != party }.map { aligned[$0] }, like: sums)
  }
}

/// The sum, term by term, in double precision and then in the type of `model`.
func sum(of parties: [[Tensor]], like model: [Tensor]) throws -> [Tensor] {
  try model.enumerated().map { index, model in
    var total = try Tensor.zeros(model.shape, type: .float64)
    for party in parties { total = try total.adding(party[index].cast(to: .float64)) }
    return try total.cast(to: model.elementType)
  }
}
