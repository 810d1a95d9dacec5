internal import Symmetry
public import Tensors

/// Brings all parties into one common order, without a reference party.
///
///     maximise over P_0 ... P_n-1   sum over p < q, over terms   weight · ⟨P_p T_p, P_q T_q⟩
///
/// Starts from party 0's order and aligns each next party to the sum of those already aligned, group
/// by group from those that are tied to nothing else, or from where it stands if that is better; then
/// every party in turn, 0 included, is aligned to the sum of the others until nothing changes. Each
/// step raises the objective or leaves all as it is. At the end everything is turned so that party
/// 0 stands as it came. After Crisostomi et al. 2024, "C2M3", section 3, whose universe makes the
/// maps between parties consistent over every cycle. Deviation: block coordinate ascent instead of
/// Frank-Wolfe over all parties at once.
///
/// - Parameters:
///   - parties: For every party, one tensor a term, of the term's shape, in its own order.
///   - terms: What each tensor is.
///   - maximumSweeps: How often all parties are visited at most after the start, and all groups
///     within one visit.
/// - Throws: ``MatchingError/noParties``, or as ``alignment(of:to:terms:start:maximumSweeps:)``.
/// - Complexity: Sweeps times parties times that of one alignment.
public func universe(
  of parties: [[Tensor]], terms: [MatchingTerm], maximumSweeps: Int = 8
) throws -> MatchedUniverse {
  guard !parties.isEmpty else { throw MatchingError.noParties }
  let plan = try MatchingPlan(terms)
  let clean = try parties.map { try plan.checked($0) }
  let identity = try plan.completed([:])
  var permutations = clean.map { _ in identity }
  var aligned = clean
  var total = clean[0]
  for party in clean.indices.dropFirst() {
    let search = try AlignmentSearch.best(
      plan: plan, clean: clean[party], universe: total, maximumSweeps: maximumSweeps)
    permutations[party] = search.permutations
    aligned[party] = search.aligned
    total = try zip(total, search.aligned).map { try $0.adding($1) }
  }

  var descent = UniverseDescent(
    plan: plan, clean: clean, permutations: permutations, aligned: aligned)
  let (objectives, hasConverged) = try descent.run(maximumSweeps: maximumSweeps)
  return try descent.universe(
    of: parties, objectives: objectives, hasConverged: hasConverged)
}
