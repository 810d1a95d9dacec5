/// Names a permutation group: a set of axes that must be permuted together.
public struct GroupID: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let index: Int
  public init(_ index: Int) { self.index = index }
  public static func < (a: GroupID, b: GroupID) -> Bool { a.index < b.index }
  public var description: String { "g\(index)" }
}

/// How the positions of one axis are made of permutation groups.
///
/// A plain hidden layer's axis is one group. A convolution's channels flattened over 7 x 7 positions
/// are `product([group, fixed(49)])`; the packed queries, keys and values of attention are a `sum` of
/// three products of heads and features; a concatenation is a `sum`.
public indirect enum AxisStructure: Hashable, Sendable {
  /// Positions that keep their place.
  case fixed(Int)
  /// Positions that a group permutes.
  case group(GroupID, size: Int)
  /// A row-major grid: the first factor varies slowest.
  case product([AxisStructure])
  /// Consecutive ranges.
  case sum([AxisStructure])

  /// The number of positions.
  public var size: Int {
    switch self {
    case .fixed(let size), .group(_, let size): size
    case .product(let factors): factors.reduce(1) { $0 * $1.size }
    case .sum(let parts): parts.reduce(0) { $0 + $1.size }
    }
  }

  /// The groups that occur, each once, in order.
  public var groups: [GroupID] {
    switch self {
    case .fixed: []
    case .group(let id, _): [id]
    case .product(let children), .sum(let children):
      children.flatMap(\.groups).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
  }

  /// For every position after permuting, the position before; groups without a permutation stay.
  public func indices(_ permutations: [GroupID: Permutation]) -> [Int] {
    switch self {
    case .fixed(let size):
      return Array(0..<size)
    case .group(let id, let size):
      return permutations[id]?.indices ?? Array(0..<size)
    case .product(let factors):
      return factors.reduce([0]) { outer, factor in
        let inner = factor.indices(permutations)
        return outer.flatMap { position in inner.map { position * inner.count + $0 } }
      }
    case .sum(let parts):
      var offset = 0
      return parts.flatMap { part in
        defer { offset += part.size }
        return part.indices(permutations).map { $0 + offset }
      }
    }
  }

  /// Where a group occurs: for each occurrence, for each of its members, the positions it owns.
  ///
  /// Positions of the other factors come in the same order for every member, so that two members'
  /// lists can be compared entry by entry.
  ///
  /// - Returns: Shape `[occurrences][members of the group][positions]`.
  public func occurrences(of id: GroupID) -> [[[Int]]] {
    switch self {
    case .fixed:
      return []
    case .group(let other, let size):
      return other == id ? [(0..<size).map { [$0] }] : []
    case .sum(let parts):
      var offset = 0
      return parts.flatMap { part in
        defer { offset += part.size }
        return part.occurrences(of: id).map { $0.map { $0.map { $0 + offset } } }
      }
    case .product(let factors):
      return factors.indices.flatMap { index -> [[[Int]]] in
        let outer = factors[..<index].reduce(1) { $0 * $1.size }
        let inner = factors[(index + 1)...].reduce(1) { $0 * $1.size }
        let size = factors[index].size
        return factors[index].occurrences(of: id).map { members in
          members.map { positions in
            (0..<outer).flatMap { o in
              positions.flatMap { position in
                (0..<inner).map { (o * size + position) * inner + $0 }
              }
            }
          }
        }
      }
    }
  }
}

extension AxisStructure {
  /// The same axis with some groups' positions kept in their place.
  public func fixing(_ ids: Set<GroupID>) -> AxisStructure {
    switch self {
    case .fixed: self
    case .group(let id, let size): ids.contains(id) ? .fixed(size) : self
    case .product(let factors): .product(factors.map { $0.fixing(ids) })
    case .sum(let parts): .sum(parts.map { $0.fixing(ids) })
    }
  }
}
