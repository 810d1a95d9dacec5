package import Symmetry

/// A union-find over axes, in which an axis may turn out to be a product or a sum of others.
///
/// Every axis of every value starts as a leaf of its own. Rules unify axes that must be permuted
/// together; unifying an axis with a product (a flatten, attention heads) or a sum (a concatenation)
/// refines it into that form everywhere. What is left at the end, the leaves that nothing fixes, are
/// the permutation groups.
package struct AxisPartition {
  /// Refers to an axis; several may turn out to be the same.
  package typealias Axis = Int

  private enum Form {
    case link(Axis)
    case leaf
    case product([Axis])
    case sum([Axis])
  }

  private var forms: [Form] = []
  private var sizes: [Int] = []
  /// Why a leaf may not be permuted; `nil` when it may.
  private var reasons: [String?] = []

  package init() {}

  package mutating func leaf(_ size: Int, fixed reason: String? = nil) -> Axis {
    add(.leaf, size, reason)
  }

  /// The axis whose positions are the row-major grid of `factors`.
  package mutating func product(_ factors: [Axis]) -> Axis {
    let parts = factors.flatMap { factor -> [Axis] in
      let root = find(factor)
      if case .product(let inner) = forms[root] { return inner }
      return sizes[root] == 1 ? [] : [root]
    }
    if parts.count == 1 { return parts[0] }
    return add(parts.isEmpty ? .leaf : .product(parts), parts.reduce(1) { $0 * size($1) }, nil)
  }

  /// The axis whose positions are those of `parts`, one after the other.
  package mutating func sum(_ parts: [Axis]) -> Axis {
    let flat = parts.flatMap { part -> [Axis] in
      let root = find(part)
      if case .sum(let inner) = forms[root] { return inner }
      return sizes[root] == 0 ? [] : [root]
    }
    if flat.count == 1 { return flat[0] }
    return add(flat.isEmpty ? .leaf : .sum(flat), flat.reduce(0) { $0 + size($1) }, nil)
  }

  /// Keeps every position of an axis in its place.
  package mutating func fix(_ axis: Axis, because reason: String) {
    let root = find(axis)
    switch forms[root] {
    case .product(let parts), .sum(let parts):
      for part in parts { fix(part, because: reason) }
    case .leaf, .link:
      if reasons[root] == nil { reasons[root] = reason }
    }
  }

  /// Makes two axes one.
  package mutating func unify(_ a: Axis, _ b: Axis) {
    let (a, b) = (find(a), find(b))
    if a == b { return }
    guard sizes[a] == sizes[b] else {
      fix(a, because: "meets an axis of another size")
      fix(b, because: "meets an axis of another size")
      return
    }
    switch (forms[a], forms[b]) {
    case (.leaf, _):
      if let reason = reasons[a] { fix(b, because: reason) }
      forms[a] = .link(b)
    case (_, .leaf):
      unify(b, a)
    case (.product(let left), .product(let right)):
      align(a, b, factors(left), factors(right), refine: { $0.divide($1, first: $2) })
    case (.sum(let left), .sum(let right)):
      align(a, b, terms(left), terms(right), refine: { $0.cut($1, first: $2) })
    case (.sum, .product):
      unify(b, a)
    case (.product(let grid), .sum(let parts)):
      if stack(a, b, factors(grid), terms(parts)) { return }
      let reason = "is seen both as a grid and as a concatenation"
      fix(a, because: reason)
      fix(b, because: reason)
    default:
      break
    }
  }

  /// Makes a grid and a concatenation of parts one where each part is a row: rows keep their places, and
  /// all have one order.
  ///
  /// - Returns: Whether the parts are rows.
  private mutating func stack(
    _ grid: Axis, _ concatenation: Axis, _ factors: [Axis], _ parts: [Axis]
  ) -> Bool {
    guard let first = parts.first, parts.allSatisfy({ size($0) == size(first) }) else {
      return false
    }
    var rows = 1
    var count = 0
    while rows < parts.count, count < factors.count {
      rows *= size(factors[count])
      count += 1
    }
    guard rows == parts.count, count < factors.count else { return false }
    for factor in factors[..<count] { fix(factor, because: "is the place of a part") }
    let row = product(Array(factors[count...]))
    for part in parts { unify(part, row) }
    if find(concatenation) != find(grid) { forms[find(concatenation)] = .link(find(grid)) }
    return true
  }

  /// Unifies two lists of parts from the front, refining the larger part where they differ.
  private mutating func align(
    _ a: Axis, _ b: Axis, _ left: [Axis], _ right: [Axis],
    refine: (inout AxisPartition, Axis, Int) -> (Axis, Axis)?
  ) {
    var left = left[...]
    var right = right[...]
    while let l = left.first, let r = right.first {
      if size(l) == size(r) {
        unify(l, r)
        left = left.dropFirst()
        right = right.dropFirst()
      } else if size(l) > size(r), let (head, tail) = refine(&self, l, size(r)) {
        unify(head, r)
        left = [tail] + left.dropFirst()
        right = right.dropFirst()
      } else if size(r) > size(l), let (head, tail) = refine(&self, r, size(l)) {
        unify(l, head)
        left = left.dropFirst()
        right = [tail] + right.dropFirst()
      } else {
        fix(a, because: "is divided in two ways that do not fit")
        fix(b, because: "is divided in two ways that do not fit")
        return
      }
    }
    forms[find(a)] = .link(find(b))
  }

  /// Refines an axis into a grid whose outer factor has `first` positions.
  private mutating func divide(_ axis: Axis, first: Int) -> (Axis, Axis)? {
    let root = find(axis)
    guard case .leaf = forms[root], size(root).isMultiple(of: first) else { return nil }
    let reason = reasons[root]
    let outer = leaf(first, fixed: reason)
    let inner = leaf(size(root) / first, fixed: reason)
    forms[root] = .product([outer, inner])
    return (outer, inner)
  }

  /// Refines an axis into two consecutive ranges, the first of `first` positions.
  private mutating func cut(_ axis: Axis, first: Int) -> (Axis, Axis)? {
    let root = find(axis)
    guard case .leaf = forms[root] else { return nil }
    let reason = reasons[root]
    let head = leaf(first, fixed: reason)
    let tail = leaf(size(root) - first, fixed: reason)
    forms[root] = .sum([head, tail])
    return (head, tail)
  }

  /// Factors with those that have since become products written out.
  private func factors(_ parts: [Axis]) -> [Axis] {
    parts.flatMap { part -> [Axis] in
      let root = find(part)
      if case .product(let inner) = forms[root] { return factors(inner) }
      return [root]
    }
  }

  /// Terms with those that have since become sums written out.
  private func terms(_ parts: [Axis]) -> [Axis] {
    parts.flatMap { part -> [Axis] in
      let root = find(part)
      if case .sum(let inner) = forms[root] { return terms(inner) }
      return [root]
    }
  }

  package func size(_ axis: Axis) -> Int { sizes[find(axis)] }

  /// What an axis has turned out to be.
  ///
  /// - Parameter group: Names the group of a leaf; `nil` for a leaf that keeps its place.
  package func structure(of axis: Axis, group: (Axis) -> GroupID?) -> AxisStructure {
    let root = find(axis)
    switch forms[root] {
    case .product(let factors):
      return .product(merged(factors.map { structure(of: $0, group: group) }))
    case .sum(let parts):
      return .sum(parts.map { structure(of: $0, group: group) })
    case .leaf, .link:
      return group(root).map { .group($0, size: sizes[root]) } ?? .fixed(sizes[root])
    }
  }

  /// The leaves that an axis is made of, in order.
  package func leaves(of axis: Axis) -> [Axis] {
    let root = find(axis)
    switch forms[root] {
    case .product(let parts), .sum(let parts): return parts.flatMap { leaves(of: $0) }
    case .leaf, .link: return [root]
    }
  }

  /// Why a leaf keeps its place.
  package func reason(of leaf: Axis) -> String? { reasons[find(leaf)] }

  private func merged(_ factors: [AxisStructure]) -> [AxisStructure] {
    factors.reduce(into: []) { result, factor in
      if case .fixed(let size) = factor, case .fixed(let before)? = result.last {
        result[result.count - 1] = .fixed(before * size)
      } else {
        result.append(factor)
      }
    }
  }

  private func find(_ axis: Axis) -> Axis {
    var axis = axis
    while case .link(let next) = forms[axis] { axis = next }
    return axis
  }

  private mutating func add(_ form: Form, _ size: Int, _ reason: String?) -> Axis {
    forms.append(form)
    sizes.append(size)
    reasons.append(reason)
    return forms.count - 1
  }
}
