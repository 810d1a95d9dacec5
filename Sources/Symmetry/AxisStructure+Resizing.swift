extension AxisStructure {
  /// The same axis where some groups have another number of members.
  ///
  /// - Parameter sizes: By group; a group left out keeps its size.
  public func resized(_ sizes: [GroupID: Int]) -> AxisStructure {
    switch self {
    case .fixed: self
    case .group(let id, let size): .group(id, size: sizes[id] ?? size)
    case .product(let factors): .product(factors.map { $0.resized(sizes) })
    case .sum(let parts): .sum(parts.map { $0.resized(sizes) })
    }
  }

  /// Where the positions of this axis are on the resized one.
  ///
  /// - Parameters:
  ///   - slots: By group, for every member its place among the members of the resized group; a group
  ///     left out keeps its members at the front.
  ///   - sizes: As of ``resized(_:)``.
  /// - Returns: For every position of this axis, in `0 ..< resized(sizes).size`.
  public func positions(_ slots: [GroupID: [Int]], in sizes: [GroupID: Int]) -> [Int] {
    switch self {
    case .fixed(let size):
      return Array(0..<size)
    case .group(let id, let size):
      return slots[id] ?? Array(0..<size)
    case .product(let factors):
      return factors.reduce([0]) { outer, factor in
        let inner = factor.positions(slots, in: sizes)
        let count = factor.resized(sizes).size
        return outer.flatMap { position in inner.map { position * count + $0 } }
      }
    case .sum(let parts):
      var offset = 0
      return parts.flatMap { part in
        defer { offset += part.resized(sizes).size }
        return part.positions(slots, in: sizes).map { $0 + offset }
      }
    }
  }

  /// Which positions belong to members that are there.
  ///
  /// - Parameter members: By group, whether each member is there; a group left out is there whole.
  /// - Returns: Shape `[size]`. A position of a grid is there where all its members are.
  public func isPresent(_ members: [GroupID: [Bool]]) -> [Bool] {
    switch self {
    case .fixed(let size):
      return Array(repeating: true, count: size)
    case .group(let id, let size):
      return members[id] ?? Array(repeating: true, count: size)
    case .product(let factors):
      return factors.reduce([true]) { outer, factor in
        let inner = factor.isPresent(members)
        return outer.flatMap { isOuter in inner.map { isOuter && $0 } }
      }
    case .sum(let parts):
      return parts.flatMap { $0.isPresent(members) }
    }
  }
}
