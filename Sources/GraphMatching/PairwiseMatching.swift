public import Symmetry
public import Tensors

/// Aligns every party to every other one by itself, as methods for two networks do.
///
/// It is what the universe is compared with: such maps need not agree. Ainsworth, Hayase, Srinivasa
/// 2023, "Git Re-Basin", section 3.2, for each pair.
///
/// - Parameters:
///   - parties: For every party, one tensor a term, of the term's shape, in its own order.
///   - terms: What each tensor is.
///   - maximumSweeps: How often all groups of a pair are visited at most.
/// - Returns: `[p][q]`: position `i` of party `q` is party `p`'s `indices[i]`; identities for p = q.
/// - Throws: As ``alignment(of:to:terms:start:maximumSweeps:)``.
/// - Complexity: One alignment a pair, so quadratic in the number of parties.
public func pairwiseAlignments(
  of parties: [PartyTensors], terms: [MatchingTerm], maximumSweeps: Int = 8
) throws -> [[[GroupID: Permutation]]] {
  let plan = try MatchingPlan(terms)
  for party in parties { try plan.checkCount(party) }
  var result = try parties.map { _ in try parties.map { _ in try plan.completed([:]) } }
  for p in parties.indices {
    for q in parties.indices.dropFirst(p + 1) {
      let found = try AlignmentSearch.best(
        plan: plan, party: parties[p], universe: parties[q], maximumSweeps: maximumSweeps)
      result[p][q] = found
      result[q][p] = found.mapValues(\.inverse)
    }
  }
  return result
}

/// The same for tensors that are there already.
///
/// - Parameters:
///   - parties: For every party, one tensor a term.
///   - terms: What each tensor is.
///   - maximumSweeps: How often all groups of a pair are visited at most.
public func pairwiseAlignments(
  of parties: [[Tensor]], terms: [MatchingTerm], maximumSweeps: Int = 8
) throws -> [[[GroupID: Permutation]]] {
  let plan = try MatchingPlan(terms)
  for party in parties { try plan.check(party) }
  return try pairwiseAlignments(
    of: parties.map { PartyTensors($0) }, terms: terms, maximumSweeps: maximumSweeps)
}

/// The share of neurons that do not come back to their place around a cycle of three parties.
///
///     mean over p < q < r, over all neurons of p     [p -> q -> r -> p is another neuron]
///
/// Through a universe every map is `P_p` and then the inverse of `P_q`, and the error is 0.
///
/// - Parameter maps: As ``pairwiseAlignments(of:terms:maximumSweeps:)-([PartyTensors],_,_)`` returns them.
/// - Returns: From 0 to 1; 0 for fewer than three parties.
public func cycleError(of maps: [[[GroupID: Permutation]]]) -> Double {
  var (moved, count) = (0, 0)
  for p in maps.indices {
    for q in maps.indices.dropFirst(p + 1) {
      for r in maps.indices.dropFirst(q + 1) {
        for (group, first) in maps[p][q] {
          guard let second = maps[q][r][group], let third = maps[r][p][group] else { continue }
          let around = first.then(second).then(third)
          moved += around.indices.enumerated().count { $0.offset != $0.element }
          count += around.count
        }
      }
    }
  }
  return count == 0 ? 0 : Double(moved) / Double(count)
}
