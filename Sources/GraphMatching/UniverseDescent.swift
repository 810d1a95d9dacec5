internal import Symmetry
internal import Tensors

/// The state of the coordinate ascent of all parties: each in turn is aligned to the sum of the others.
///
/// What is held of the parties' tensors is their sum alone; a party's own are made, and taken out of
/// the sum, a term at a time.
struct UniverseDescent {
  let plan: MatchingPlan
  private(set) var parties: [PartyTensors]
  private(set) var permutations: [[GroupID: Permutation]]
  /// For every term the sum of the aligned tensors, `float64`.
  private var total: [Tensor]
  /// For every term the sum over parties of the squared norms, which no order changes.
  private var squares: [Double]

  /// Begins with one party, in its own order.
  init(plan: MatchingPlan, first: PartyTensors) throws {
    try self.init(plan: plan, parties: [first], permutations: [plan.completed([:])])
  }

  init(
    plan: MatchingPlan, parties: [PartyTensors], permutations: [[GroupID: Permutation]]
  ) throws {
    self.plan = plan
    self.parties = parties
    self.permutations = permutations
    total = []
    squares = []
    for term in plan.terms.indices {
      var sum = try plan.tensor(term, of: parties[0], by: permutations[0])
      var square = try sum.inner(sum)
      for (party, order) in zip(parties, permutations).dropFirst() {
        let aligned = try plan.tensor(term, of: party, by: order)
        square += try aligned.inner(aligned)
        sum = try sum.adding(aligned)
      }
      total.append(sum)
      squares.append(square)
    }
  }

  /// Half of what the square of the sum has over the squares.
  var objective: Double {
    get throws {
      try plan.terms.indices.reduce(0) { result, term in
        let weight = plan.terms[term].weight
        guard weight > 0 else { return result }
        return try result + weight * (total[term].inner(total[term]) - squares[term]) / 2
      }
    }
  }

  /// Aligns one more party to the sum of those there are, and joins it to them.
  mutating func add(_ party: PartyTensors, maximumSweeps: Int) throws {
    let found = try AlignmentSearch.best(
      plan: plan, party: party, universe: PartyTensors(total), maximumSweeps: maximumSweeps)
    parties.append(party)
    permutations.append(found)
    for term in plan.terms.indices {
      let aligned = try plan.tensor(term, of: party, by: found)
      squares[term] += try aligned.inner(aligned)
      total[term] = try total[term].adding(aligned)
    }
  }

  /// Visits all parties until nothing changes or the sweeps are over.
  ///
  /// - Returns: The objective before and after every sweep, and whether nothing changed any more.
  mutating func run(maximumSweeps: Int) throws -> (objectives: [Double], hasConverged: Bool) {
    var objectives = [try objective]
    var hasConverged = parties.count <= 1
    for _ in 0..<maximumSweeps where !hasConverged {
      hasConverged = true
      for party in parties.indices where try visit(party, maximumSweeps: maximumSweeps) {
        hasConverged = false
      }
      objectives.append(try objective)
    }
    return (objectives, hasConverged)
  }

  /// Aligns a party to the others.
  ///
  /// - Returns: Whether it moved.
  private mutating func visit(_ index: Int, maximumSweeps: Int) throws -> Bool {
    let (party, start) = (parties[index], permutations[index])
    // Whatever the party does, the sum of the others stays.
    for term in total.indices {
      total[term] = try total[term].subtracting(plan.tensor(term, of: party, by: start))
    }
    let found = try search(for: index, maximumSweeps: maximumSweeps)
    permutations[index] = found ?? start
    for term in total.indices {
      total[term] = try total[term].adding(plan.tensor(term, of: party, by: permutations[index]))
    }
    return found != nil
  }

  /// The best that was found for a party, or `nil` where it stays. Nothing else of the search is left,
  /// so that no sum is held twice when it changes.
  private func search(for index: Int, maximumSweeps: Int) throws -> [GroupID: Permutation]? {
    var search = AlignmentSearch(
      plan: plan, party: parties[index], universe: PartyTensors(total),
      start: permutations[index])
    return try search.run(maximumSweeps: maximumSweeps) ? search.permutations : nil
  }

  /// The universe, turned so that party 0 stands as it came.
  func universe(objectives: [Double], hasConverged: Bool) -> MatchedUniverse {
    let back = permutations[0].mapValues(\.inverse)
    return MatchedUniverse(
      plan: plan, parties: parties,
      permutations: permutations.map { party in
        party.merging(back) { own, inverse in own.then(inverse) }
      }, objectives: objectives, hasConverged: hasConverged)
  }
}
