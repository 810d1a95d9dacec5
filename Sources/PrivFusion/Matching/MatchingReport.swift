internal import GraphMatching
internal import Models
internal import Tensors

/// How well a kind of matching brings parties together, measured without noise.
package struct MatchingReport: Sendable {
  /// The inner products of all pairs of parties, weights and activations together, as a share of
  /// what their norms would allow: at most 1.
  package let objective: Double
  /// The share of neurons that do not come back around a cycle of three parties.
  package let cycleError: Double
  /// The same where every pair is matched by itself, by the same terms.
  package let pairwiseCycleError: Double
  /// The time that the matching took.
  package let duration: Duration
  package let pairwiseDuration: Duration
}

extension FusionSession {
  /// Matches parties as the settings say, and every pair by itself, and measures both.
  ///
  /// - Parameter parties: Models whose messages are not randomised, at least one.
  /// - Throws: As ``run(_:ignoringWeights:progress:)``.
  package func matchingReport(_ parties: [PartyModel]) throws -> MatchingReport {
    precondition(settings.disclosure == .open, "measured without noise")
    let prepared = try parties.map { try PreparedParty($0, self) }
    func problem(_ matching: FusionSettings.Matching) throws -> (MatchingProblem, [PartyTensors]) {
      let problem = try MatchingProblem(
        architecture, matching: matching, signatures: prepared[0].signaturesByLayer,
        parameters: prepared[0].parameters)
      return (
        problem,
        prepared.map {
          problem.tensors(signatures: $0.signaturesByLayer, parameters: $0.parameters)
        }
      )
    }
    let clock = ContinuousClock()
    let (own, tensors) = try problem(settings.matching)
    let start = clock.now
    let universe = try own.universe(of: tensors)
    let middle = clock.now
    let pairs = try pairwiseAlignments(of: tensors, terms: own.terms)
    let end = clock.now
    let (whole, all) = try problem(.both)
    let aligned = try zip(all, universe.permutations).map {
      try permuted($0.all(), by: $1, terms: whole.terms)
    }
    let norms = try all.map { party in
      try party.all().map { try $0.cast(to: .float64).power(2).sum().squareRoot().scalar() }
    }
    var bound = 0.0
    for p in norms.indices {
      for q in norms.indices.dropFirst(p + 1) {
        for (index, term) in whole.terms.enumerated() {
          bound += term.weight * norms[p][index] * norms[q][index]
        }
      }
    }
    let objective = try matchingObjective(of: aligned, terms: whole.terms)
    return MatchingReport(
      objective: bound > 0 ? objective / bound : 1,
      cycleError: GraphMatching.cycleError(of: universe.maps),
      pairwiseCycleError: GraphMatching.cycleError(of: pairs), duration: middle - start,
      pairwiseDuration: end - middle)
  }
}
