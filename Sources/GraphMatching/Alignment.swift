public import Symmetry
public import Tensors

/// Aligns one party's tensors to a universe, one permutation group after the other.
///
///     maximise over P   sum over terms of weight · ⟨universe, P · clean⟩
///     C[i, k] = sum over the group's occurrences of weight · ⟨universe slice i, party slice k⟩
///
/// Each group in turn takes the best assignment of its affinity C, all others held as they are.
/// Ainsworth, Hayase, Srinivasa 2023, "Git Re-Basin", section 3.2 and Algorithm 1. Deviations: the
/// other model is a universe; groups are visited in order and not at random, and only when
/// something that their affinity depends on has moved; a group moves only if the objective rises by
/// more than 1e-9 of the norms, so that equal models stay in place however many ties they have.
///
/// - Parameters:
///   - clean: The party's tensors in its own order, one a term, of the terms' shapes.
///   - universe: Tensors of the same shapes in the universe's order, without the party's own part.
///   - terms: What each tensor is.
///   - start: Where to start; identities for the groups left out.
///   - maximumSweeps: How often all groups are visited at most.
/// - Returns: For every group of the terms: position `i` of the universe is the party's `indices[i]`.
/// - Throws: ``MatchingError`` when the tensors, sizes or starting permutations do not fit, or
///   ``MatchingError/nonFiniteCost(row:column:)`` when an affinity is not finite.
/// - Complexity: A visit of a group that has changed surroundings costs its size times the elements of its tensors, and the
///   assignment.
public func alignment(
  of clean: [Tensor], to universe: [Tensor], terms: [MatchingTerm],
  start: [GroupID: Permutation] = [:], maximumSweeps: Int = 8
) throws -> [GroupID: Permutation] {
  let plan = try MatchingPlan(terms)
  try plan.check(clean)
  try plan.check(universe)
  var search = AlignmentSearch(
    plan: plan, party: PartyTensors(clean), universe: PartyTensors(universe),
    start: try plan.completed(start))
  _ = try search.run(maximumSweeps: maximumSweeps)
  return search.permutations
}

/// Brings tensors into another order.
///
/// - Parameters:
///   - tensors: One a term, of the terms' shapes.
///   - permutations: Groups left out keep their order.
///   - terms: What each tensor is.
/// - Throws: ``MatchingError`` when the tensors or permutations do not fit the terms.
public func permuted(
  _ tensors: [Tensor], by permutations: [GroupID: Permutation], terms: [MatchingTerm]
) throws -> [Tensor] {
  let plan = try MatchingPlan(terms)
  try plan.check(tensors)
  return try plan.permuted(tensors, by: plan.completed(permutations))
}
