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
/// - Complexity: Sweeps times parties times that of one alignment. Memory: the sum of one party's
///   tensors in double precision, and a few copies of the largest tensor.
public func universe(
  of parties: [PartyTensors], terms: [MatchingTerm], maximumSweeps: Int = 8
) throws -> MatchedUniverse {
  guard !parties.isEmpty else { throw MatchingError.noParties }
  let plan = try MatchingPlan(terms)
  for party in parties { try plan.checkCount(party) }
  var descent = try UniverseDescent(plan: plan, first: parties[0])
  for party in parties.dropFirst() { try descent.add(party, maximumSweeps: maximumSweeps) }
  let (objectives, hasConverged) = try descent.run(maximumSweeps: maximumSweeps)
  return descent.universe(objectives: objectives, hasConverged: hasConverged)
}

/// The same for tensors that are there already.
///
/// - Parameters:
///   - parties: For every party, one tensor a term.
///   - terms: What each tensor is.
///   - maximumSweeps: As of ``universe(of:terms:maximumSweeps:)-([PartyTensors],_,_)``.
public func universe(
  of parties: [[Tensor]], terms: [MatchingTerm], maximumSweeps: Int = 8
) throws -> MatchedUniverse {
  let plan = try MatchingPlan(terms)
  for party in parties { try plan.check(party) }
  return try universe(
    of: parties.map { PartyTensors($0) }, terms: terms, maximumSweeps: maximumSweeps)
}
