internal import Symmetry
internal import Tensors

/// The state of the coordinate ascent of all parties: each in turn is aligned to the sum of the others.
struct UniverseDescent {
  let plan: MatchingPlan
  /// For every party its tensors in its own order, `float64`.
  let clean: [[Tensor]]
  private(set) var permutations: [[GroupID: Permutation]]
  /// The tensors, permuted as in `permutations`.
  private(set) var aligned: [[Tensor]]

  init(
    plan: MatchingPlan, clean: [[Tensor]], permutations: [[GroupID: Permutation]],
    aligned: [[Tensor]]
  ) {
    self.plan = plan
    self.clean = clean
    self.permutations = permutations
    self.aligned = aligned
  }

  init(plan: MatchingPlan, clean: [[Tensor]], permutations: [[GroupID: Permutation]]) throws {
    self.init(
      plan: plan, clean: clean, permutations: permutations,
      aligned: try zip(clean, permutations).map { try plan.permuted($0, by: $1) })
  }

  var objective: Double {
    get throws { try pairSum(of: aligned, terms: plan.terms) }
  }

  /// Visits all parties until nothing changes or the sweeps are over.
  ///
  /// - Returns: The objective before and after every sweep, and whether nothing changed any more.
  mutating func run(maximumSweeps: Int) throws -> (objectives: [Double], hasConverged: Bool) {
    var objectives = [try objective]
    var hasConverged = clean.count <= 1
    for _ in 0..<maximumSweeps where !hasConverged {
      hasConverged = true
      for party in clean.indices {
        let others = clean.indices.filter { $0 != party }.map { aligned[$0] }
        var search = try AlignmentSearch(
          plan: plan, clean: clean[party], universe: sum(of: others, like: clean[party]),
          start: permutations[party])
        guard try search.run(maximumSweeps: maximumSweeps) else { continue }
        hasConverged = false
        permutations[party] = search.permutations
        aligned[party] = search.aligned
      }
      objectives.append(try objective)
    }
    return (objectives, hasConverged)
  }

  /// The universe, turned so that party 0 stands as it came.
  ///
  /// - Parameter parties: What `clean` was cast from.
  func universe(
    of parties: [[Tensor]], objectives: [Double], hasConverged: Bool
  ) throws -> MatchedUniverse {
    let back = permutations[0].mapValues(\.inverse)
    let anchored = permutations.map { party in
      party.merging(back) { own, inverse in own.then(inverse) }
    }
    let results = try zip(parties, anchored).map { try plan.permuted($0, by: $1) }
    return MatchedUniverse(
      permutations: anchored, sums: try sum(of: results, like: parties[0]), aligned: results,
      objectives: objectives, hasConverged: hasConverged)
  }
}
