internal import Symmetry
internal import Tensors

/// One place of a group within one axis of one term.
struct GroupOccurrence {
  let group: GroupID
  let term: Int
  let axis: Int
  /// Which of the group's places within the axis, counted from 0 in the order of the structure.
  let ordinal: Int
  /// The positions along the axis, member by member; `nil` when they are `0 ..< size` in order.
  let positions: Tensor?
  let memberCount: Int
  /// Whether the slices also depend on where the group itself stands: it occurs more than once.
  let isTied: Bool

  /// The members' slices of `tensor` as rows, shape `[members, elements of a slice]`.
  func slices(of tensor: Tensor) throws -> Tensor {
    let selected = try positions.map { try tensor.selecting($0, axis: axis) } ?? tensor
    let order = [axis] + (0..<tensor.rank).filter { $0 != axis }
    return try selected.permuted(order).reshaped([memberCount, -1])
  }
}

/// The terms of a matching, checked once, and where every group occurs in them.
struct MatchingPlan {
  let terms: [MatchingTerm]
  /// All groups of terms that count, in order; this is the order of every sweep.
  let groups: [GroupID]
  let sizes: [GroupID: Int]
  let occurrences: [GroupID: [GroupOccurrence]]

  init(_ terms: [MatchingTerm]) throws {
    var sizes: [GroupID: Int] = [:]
    var occurrences: [GroupID: [GroupOccurrence]] = [:]
    for term in terms {
      for structure in term.axes { try structure.collectSizes(into: &sizes) }
    }
    for (index, term) in terms.enumerated() where term.weight > 0 && !term.shape.contains(0) {
      for group in Set(term.axes.flatMap(\.groups)) {
        let found = term.axes.enumerated().flatMap { axis, structure in
          structure.occurrences(of: group).enumerated().map { (axis, $0.offset, $0.element) }
        }
        for (axis, ordinal, members) in found {
          let positions = members.flatMap { $0 }
          let isWhole = positions.elementsEqual(0..<term.axes[axis].size)
          occurrences[group, default: []].append(
            GroupOccurrence(
              group: group, term: index, axis: axis, ordinal: ordinal,
              positions: isWhole ? nil : try Tensor(indices: positions),
              memberCount: members.count, isTied: found.count > 1))
        }
      }
    }
    self.terms = terms
    self.sizes = sizes
    self.occurrences = occurrences
    groups = occurrences.keys.sorted()
  }

  /// The groups that share a term with `group`, itself only where it is tied.
  func neighbours(of group: GroupID) -> Set<GroupID> {
    var result: Set<GroupID> = []
    for occurrence in occurrences[group] ?? [] {
      result.formUnion(terms[occurrence.term].axes.flatMap(\.groups).filter { $0 != group })
      if occurrence.isTied { result.insert(group) }
    }
    return result
  }

  /// - Throws: ``MatchingError/tensorCount(terms:found:)`` or
  ///   ``MatchingError/tensorShape(term:expected:found:)`` when the tensors are not the terms'.
  func check(_ tensors: [Tensor]) throws {
    guard tensors.count == terms.count else {
      throw MatchingError.tensorCount(terms: terms.count, found: tensors.count)
    }
    for (index, pair) in zip(terms, tensors).enumerated() {
      let (expected, found) = (pair.0.shape, pair.1.shape)
      guard expected == found else {
        throw MatchingError.tensorShape(term: index, expected: expected, found: found)
      }
    }
  }

  /// The tensors in double precision, once they have been checked.
  func checked(_ tensors: [Tensor]) throws -> [Tensor] {
    try check(tensors)
    return try tensors.map { try $0.cast(to: .float64) }
  }

  /// `tensor` of term `index` with its axes reordered; groups without a permutation stay.
  func permuted(_ tensor: Tensor, term index: Int, by permutations: [GroupID: Permutation]) throws
    -> Tensor
  {
    try terms[index].axes.enumerated().reduce(tensor) { result, pair in
      let moves = pair.element.groups.contains { permutations[$0]?.isIdentity == false }
      return moves
        ? try result.selecting(pair.element.indices(permutations), axis: pair.offset) : result
    }
  }

  func permuted(_ tensors: [Tensor], by permutations: [GroupID: Permutation]) throws -> [Tensor] {
    try tensors.enumerated().map { try permuted($0.element, term: $0.offset, by: permutations) }
  }

  /// The permutations of every group of the terms, identities where `start` has none.
  ///
  /// - Throws: ``MatchingError/permutationSize(_:expected:found:)``.
  func completed(_ start: [GroupID: Permutation]) throws -> [GroupID: Permutation] {
    var result = start
    for (group, size) in sizes {
      let permutation = start[group] ?? .identity(size)
      guard permutation.count == size else {
        throw MatchingError.permutationSize(group, expected: size, found: permutation.count)
      }
      result[group] = permutation
    }
    return result
  }
}

extension AxisStructure {
  fileprivate func collectSizes(into sizes: inout [GroupID: Int]) throws {
    switch self {
    case .fixed: return
    case .group(let id, let size):
      if let known = sizes[id], known != size { throw MatchingError.groupSize(id, known, size) }
      sizes[id] = size
    case .product(let children), .sum(let children):
      for child in children { try child.collectSizes(into: &sizes) }
    }
  }
}
