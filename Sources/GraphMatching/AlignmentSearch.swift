internal import Symmetry
internal import Tensors

/// The state of one party's coordinate descent towards a universe.
///
/// Positions are those of the order reached so far: position `k` of a group is its present `k`th
/// member, and "stay as it is" is the identity. The party's tensors are not kept: each is made again,
/// from the party's own and the permutations, for the group that is looked at.
struct AlignmentSearch {
  let plan: MatchingPlan
  private let party: PartyTensors
  private let universe: PartyTensors
  var permutations: [GroupID: Permutation]
  /// By group, for every occurrence: its part of the affinity, if it is kept and still holds.
  var parts: [GroupID: [Tensor?]] = [:]
  /// Whether parts are kept at all.
  var keepsParts = true
  /// For every term that was looked at, the product of both sides' norms, which no order changes.
  var norms: [Int: Double] = [:]
  /// Groups whose affinity has not been looked at since something in it changed.
  var pending: Set<GroupID>
  /// Groups whose place means nothing yet, so that nothing may be aligned by it.
  var unplaced: Set<GroupID>

  /// - Parameters:
  ///   - party: Its tensors in its own order.
  ///   - universe: Of the same shapes.
  ///   - start: A permutation for every group.
  ///   - isTrusted: Whether the start is near the truth. Otherwise each group is first placed by the
  ///     terms that it shares with placed groups alone: an unplaced neighbour's order is noise, and
  ///     descent from noise ends in a local optimum.
  init(
    plan: MatchingPlan, party: PartyTensors, universe: PartyTensors,
    start: [GroupID: Permutation], isTrusted: Bool = true
  ) {
    self.plan = plan
    self.party = party
    self.universe = universe
    permutations = start
    pending = Set(plan.groups)
    unplaced = isTrusted ? [] : pending
  }

  /// The sum over terms of the weighted inner products with the universe.
  var objective: Double {
    get throws {
      try plan.terms.indices.reduce(0) {
        try $0 + plan.terms[$1].weight * aligned($1).inner(wanted($1))
      }
    }
  }

  /// The permutations of the better of two searches: from where the party stands, and from nowhere.
  static func best(
    plan: MatchingPlan, party: PartyTensors, universe: PartyTensors, maximumSweeps: Int
  ) throws -> [GroupID: Permutation] {
    let identity = try plan.completed([:])
    var near = AlignmentSearch(plan: plan, party: party, universe: universe, start: identity)
    _ = try near.run(maximumSweeps: maximumSweeps)
    // Groups that share no term do not depend on each other's place.
    guard plan.groups.contains(where: { !plan.neighbours(of: $0).isEmpty }) else {
      return near.permutations
    }
    var far = AlignmentSearch(
      plan: plan, party: party, universe: universe, start: identity, isTrusted: false)
    _ = try far.run(maximumSweeps: maximumSweeps)
    return try far.objective > near.objective ? far.permutations : near.permutations
  }

  /// Improves one group after the other until none improves or the sweeps are over.
  ///
  /// - Returns: Whether any group moved.
  mutating func run(maximumSweeps: Int) throws -> Bool {
    var hasMoved = false
    for _ in 0..<maximumSweeps where !pending.isEmpty {
      if try sweep() { hasMoved = true }
    }
    return hasMoved
  }

  /// Visits every group once whose surroundings have changed.
  ///
  /// - Returns: Whether any group moved.
  mutating func sweep() throws -> Bool {
    var hasMoved = false
    for group in plan.groups where pending.contains(group) {
      pending.remove(group)
      if try improve(group) { hasMoved = true }
      guard unplaced.remove(group) != nil else { continue }
      pending.formUnion(plan.neighbours(of: group))
    }
    return hasMoved
  }

  private mutating func improve(_ group: GroupID) throws -> Bool {
    guard let size = plan.sizes[group], size > 1 else { return false }
    let guides = guides(of: group)
    let affinity = try affinity(of: group, size: size, guides)
    let costs: [Float] = try affinity.cast(to: .float32).elements()
    let best = try LinearAssignment(costs: costs, rows: size, columns: size, goal: .maximum)
    guard let move = Permutation(best.columns.compactMap { $0 }), !move.isIdentity,
      try improves(group, by: move, affinity: affinity, guides)
    else { return false }
    permutations[group] = permutations[group]?.then(move)
    try invalidate(after: group, moved: move)
    return true
  }

  /// The occurrences that a group is placed by: of terms whose other groups are placed, or all
  /// where there are none; by their numbers among the group's.
  private func guides(of group: GroupID) -> [Int] {
    let all = plan.occurrences[group] ?? []
    let usable = all.indices.filter { index in
      plan.terms[all[index].term].axes.allSatisfy { axis in
        axis.groups.allSatisfy { $0 == group || !unplaced.contains($0) }
      }
    }
    return usable.isEmpty ? Array(all.indices) : usable
  }

  /// The inner products of the universe's slices, by row, with the party's, by column.
  private mutating func affinity(
    of group: GroupID, size: Int, _ guides: [Int]
  ) throws -> Tensor {
    let occurrences = plan.occurrences[group] ?? []
    var total = try Tensor.zeros([size, size], type: .float64)
    for index in guides {
      let part = try parts[group]?[index] ?? part(occurrences[index])
      // Kept only where it is much smaller than the tensor that it saves looking at.
      if keepsParts, 8 * part.count <= plan.terms[occurrences[index].term].shape.reduce(1, *) {
        parts[group, default: Array(repeating: nil, count: occurrences.count)][index] = part
      }
      total = try total.adding(part.cast(to: .float64))
    }
    return total
  }

  /// In single precision, as assignments are solved: what an order is worth is decided in double.
  private mutating func part(_ occurrence: GroupOccurrence) throws -> Tensor {
    let term = occurrence.term
    let wanted = try plan.tensor(term, of: universe, as: .float32)
    let aligned = try plan.tensor(term, of: party, by: permutations, as: .float32)
    if norms[term] == nil {
      norms[term] = try (aligned.inner(aligned) * wanted.inner(wanted)).squareRoot()
    }
    return try occurrence.slices(of: wanted).matmul(occurrence.slices(of: aligned).transposed())
      .multiplied(by: plan.terms[term].weight)
  }

  /// Whether a move makes the objective itself strictly better.
  ///
  /// For a tied group the affinity is only the slope, and of a small gain its rounding is not small: the
  /// gain is then measured on the tensors, in double precision.
  private func improves(
    _ group: GroupID, by move: Permutation, affinity: Tensor, _ guides: [Int]
  ) throws -> Bool {
    let occurrences = guides.compactMap { plan.occurrences[group]?[$0] }
    let scale = occurrences.reduce(0) {
      $0 + plan.terms[$1.term].weight * (norms[$1.term] ?? 0)
    }
    if !occurrences.contains(where: \.isTied) {
      let slope = try affinity.multiplied(
        by: SoftPermutations.matrix(move)
          .subtracting(SoftPermutations.matrix(.identity(move.count)))
      ).sum().scalar()
      // Far above what products in single precision are off by.
      if slope > 1e-3 * scale { return true }
    }
    var gain = 0.0
    for term in Set(occurrences.map(\.term)).sorted() {
      let before = try aligned(term)
      gain +=
        try plan.terms[term].weight
        * plan.permuted(before, term: term, by: [group: move]).subtracting(before)
        .inner(wanted(term))
    }
    // Inner products of doubles are good to about 1e-12 of the norms; equal slices gain less.
    return gain > 1e-9 * scale
  }

  private mutating func invalidate(after group: GroupID, moved move: Permutation) throws {
    let own = plan.occurrences[group] ?? []
    for (index, occurrence) in own.enumerated() {
      let part = parts[group]?[index]
      parts[group]?[index] = occurrence.isTied ? nil : try part?.selecting(move.indices, axis: 1)
    }
    let neighbours = plan.neighbours(of: group)
    pending.formUnion(neighbours)
    let changed = Set(own.map(\.term))
    for neighbour in neighbours where neighbour != group {
      for (index, occurrence) in (plan.occurrences[neighbour] ?? []).enumerated()
      where changed.contains(occurrence.term) {
        parts[neighbour]?[index] = nil
      }
    }
  }

  /// The party's tensor of a term, in the order reached so far.
  private func aligned(_ term: Int) throws -> Tensor {
    try plan.tensor(term, of: party, by: permutations)
  }

  private func wanted(_ term: Int) throws -> Tensor { try plan.tensor(term, of: universe) }
}

extension Tensor {
  /// The sum of the elementwise products, a `Double`.
  func inner(_ other: Tensor) throws -> Double {
    try reshaped([-1]).unsqueezed(0).matmul(other.reshaped([-1])).scalar()
  }
}
