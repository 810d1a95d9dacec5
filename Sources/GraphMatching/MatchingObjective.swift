public import Tensors

/// The sum over all pairs of parties of the weighted inner products of their tensors.
///
///     sum over p < q, over terms   weight · ⟨tensor of p, tensor of q⟩
///
/// - Parameters:
///   - parties: For every party, one tensor a term, already aligned.
///   - terms: What each tensor is, and how much its inner products count.
/// - Throws: ``MatchingError`` when the tensors do not fit the terms.
public func matchingObjective(of parties: [[Tensor]], terms: [MatchingTerm]) throws -> Double {
  let plan = try MatchingPlan(terms)
  return try pairSum(of: parties.map { try plan.checked($0) }, terms: terms)
}

/// The objective of `float64` tensors: half of what the square of the sum has over the squares.
func pairSum(of parties: [[Tensor]], terms: [MatchingTerm]) throws -> Double {
  var result = 0.0
  for (index, term) in terms.enumerated() where term.weight > 0 && !parties.isEmpty {
    var total = parties[0][index]
    for party in parties.dropFirst() { total = try total.adding(party[index]) }
    var squares = try total.inner(total)
    for party in parties { squares -= try party[index].inner(party[index]) }
    result += term.weight * squares / 2
  }
  return result
}
