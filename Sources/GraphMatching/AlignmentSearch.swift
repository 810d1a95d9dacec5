internal import Symmetry
internal import Tensors

/// The state of one party's coordinate descent towards a universe.
///
/// Everything is kept in the order reached so far: position `k` of a group is its present `k`th
/// member, and "stay as it is" is the identity.
struct AlignmentSearch {
  let plan: MatchingPlan
  private let universe: [Tensor]
  private(set) var permutations: [GroupID: Permutation]
  /// The party's tensors, permuted as in `permutations`.
  private(set) var aligned: [Tensor]
  private var universeSlices: [GroupID: [Tensor]] = [:]
  /// By group, for every occurrence: its part of the affinity, if it still holds.
  private var affinities: [GroupID: [Tensor?]] = [:]
  /// Groups whose affinity has not been looked at since something in it changed.
  private var pending: Set<GroupID>
  /// Groups whose place means nothing yet, so that nothing may be aligned by it.
  private var unplaced: Set<GroupID>

  /// - Parameters:
  ///   - clean: The party's tensors in its own order, `float64`.
  ///   - universe: `float64`, of the same shapes.
  ///   - start: A permutation for every group.
  ///   - isTrusted: Whether the start is near the truth. Otherwise each group is first placed by the
  ///     terms that it shares with placed groups alone: an unplaced neighbour's order is noise, and
  ///     descent from noise ends in a local optimum.
  init(
    plan: MatchingPlan, clean: [Tensor], universe: [Tensor], start: [GroupID: Permutation],
    isTrusted: Bool = true
  ) throws {
    self.plan = plan
    self.universe = universe
    permutations = start
    aligned = try plan.permuted(clean, by: start)
    pending = Set(plan.groups)
    unplaced = isTrusted ? [] : pending
  }

  /// The sum over terms of the weighted inner products with the universe.
  var objective: Double {
    get throws {
      try plan.terms.indices.reduce(0) {
        try $0 + plan.terms[$1].weight * aligned[$1].inner(universe[$1])
      }
    }
  }

  /// The better of two searches: from where the party stands, and from nowhere.
  static func best(
    plan: MatchingPlan, clean: [Tensor], universe: [Tensor], maximumSweeps: Int
  ) throws -> AlignmentSearch {
    let identity = try plan.completed([:])
    var near = try AlignmentSearch(plan: plan, clean: clean, universe: universe, start: identity)
    _ = try near.run(maximumSweeps: maximumSweeps)
    // Groups that share no term do not depend on each other's place.
    guard plan.groups.contains(where: { !plan.neighbours(of: $0).isEmpty }) else { return near }
    var far = try AlignmentSearch(
      plan: plan, clean: clean, universe: universe, start: identity, isTrusted: false)
    _ = try far.run(maximumSweeps: maximumSweeps)
    return try far.objective > near.objective ? far : near
  }

  /// Improves one group after the other until none improves or the sweeps are over.
  ///
  /// - Returns: Whether any group moved.
  mutating func run(maximumSweeps: Int) throws -> Bool {
    var hasMoved = false
    for _ in 0..<maximumSweeps where !pending.isEmpty {
      for group in plan.groups where pending.contains(group) {
        pending.remove(group)
        if try improve(group) { hasMoved = true }
        guard unplaced.remove(group) != nil else { continue }
        pending.formUnion(plan.neighbours(of: group))
      }
    }
    return hasMoved
  }

  /// The occurrences that a group is placed by: of terms whose other groups are placed, or all
  /// where there are none.
  private func guides(of group: GroupID) -> [Int] {
    let all = plan.occurrences[group] ?? []
    let usable = all.indices.filter { index in
      plan.terms[all[index].term].axes.allSatisfy { axis in
        axis.groups.allSatisfy { $0 == group || !unplaced.contains($0) }
      }
    }
    return usable.isEmpty ? Array(all.indices) : usable
  }

  private mutating func improve(_ group: GroupID) throws -> Bool {
    guard let size = plan.sizes[group], size > 1 else { return false }
    let affinity = try affinity(of: group)
    let costs: [Float] = try affinity.cast(to: .float32).elements()
    let best = try LinearAssignment(costs: costs, rows: size, columns: size, goal: .maximum)
    guard let move = Permutation(best.columns.compactMap { $0 }), !move.isIdentity,
      let moved = try improvement(moving: group, by: move)
    else { return false }
    for (term, tensor) in moved { aligned[term] = tensor }
    permutations[group] = permutations[group]?.then(move)
    try invalidate(after: group, moved: move)
    return true
  }

  /// The inner products of the universe's slices, by row, with the party's, by column.
  private mutating func affinity(of group: GroupID) throws -> Tensor {
    let occurrences = plan.occurrences[group] ?? []
    let slices =
      try universeSlices[group] ?? occurrences.map { try $0.slices(of: universe[$0.term]) }
    universeSlices[group] = slices
    var parts = affinities[group] ?? Array(repeating: nil, count: occurrences.count)
    var total: Tensor?
    for index in guides(of: group) {
      let occurrence = occurrences[index]
      let part =
        try parts[index]
        ?? slices[index].matmul(occurrence.slices(of: aligned[occurrence.term]).transposed())
        .multiplied(by: plan.terms[occurrence.term].weight)
      parts[index] = part
      total = try total?.adding(part) ?? part
    }
    affinities[group] = parts
    let size = plan.sizes[group] ?? 0
    return try total ?? Tensor.zeros([size, size], type: .float64)
  }

  /// The tensors after a move, if the objective itself is then strictly better.
  ///
  /// The gain is measured on the tensors and not on the affinity: equal slices then gain exactly
  /// nothing, and a tied group, for which the affinity is only the slope, can't get worse.
  private func improvement(moving group: GroupID, by move: Permutation) throws -> [Int: Tensor]? {
    var (gain, scale) = (0.0, 0.0)
    var moved: [Int: Tensor] = [:]
    let all = plan.occurrences[group] ?? []
    let guides = Set(guides(of: group).map { all[$0].term })
    for term in Set(all.map(\.term)).sorted() {
      let (before, weight) = (aligned[term], plan.terms[term].weight)
      let after = try plan.permuted(before, term: term, by: [group: move])
      moved[term] = after
      guard guides.contains(term) else { continue }
      gain += try weight * after.subtracting(before).inner(universe[term])
      scale +=
        try weight * (before.inner(before) * universe[term].inner(universe[term])).squareRoot()
    }
    // Inner products of doubles are good to about 1e-12 of the norms.
    return gain > 1e-9 * scale ? moved : nil
  }

  private mutating func invalidate(after group: GroupID, moved move: Permutation) throws {
    for (index, occurrence) in (plan.occurrences[group] ?? []).enumerated() {
      let part = affinities[group]?[index]
      affinities[group]?[index] =
        occurrence.isTied ? nil : try part?.selecting(move.indices, axis: 1)
      if occurrence.isTied { pending.insert(group) }
    }
    let neighbours = plan.neighbours(of: group)
    pending.formUnion(neighbours)
    let changed = Set((plan.occurrences[group] ?? []).map(\.term))
    for neighbour in neighbours where neighbour != group {
      for (index, occurrence) in (plan.occurrences[neighbour] ?? []).enumerated()
      where changed.contains(occurrence.term) {
        affinities[neighbour]?[index] = nil
      }
    }
  }
}

extension Tensor {
  /// The sum of the elementwise products, a `Double`.
  func inner(_ other: Tensor) throws -> Double {
    try reshaped([-1]).unsqueezed(0).matmul(other.reshaped([-1])).scalar()
  }
}
