public import Symmetry

/// Where the units of a network stand in a wider one of the same kind.
public struct UnitPlacement: Sendable, Equatable {
  /// By group, the number of slots of the wider network.
  public let sizes: [GroupID: Int]
  /// By group, for every unit of the narrower network its slot; each slot holds one unit at most.
  public let slots: [GroupID: [Int]]

  /// - Parameters:
  ///   - sizes: For every group that is placed.
  ///   - slots: For the same groups; distinct, in `0 ..< size`.
  public init(sizes: [GroupID: Int], slots: [GroupID: [Int]]) {
    precondition(
      Set(sizes.keys) == Set(slots.keys)
        && slots.allSatisfy { id, places in
          Set(places).count == places.count
            && places.allSatisfy { (0..<(sizes[id] ?? 0)).contains($0) }
        }, "every unit needs a slot of its own")
    self.sizes = sizes
    self.slots = slots
  }

  /// Every unit at the front, in its order.
  ///
  /// - Parameters:
  ///   - groups: Those of the narrower network.
  ///   - sizes: By group, at least the group's.
  public init(of groups: PermutationGroups, in sizes: [GroupID: Int]) {
    self.init(
      sizes: sizes,
      slots: Dictionary(
        uniqueKeysWithValues: groups.groups.filter { sizes[$0.id] != nil }
          .map { ($0.id, Array(0..<$0.size)) }))
  }

  /// By group, whether each slot is taken.
  public var taken: [GroupID: [Bool]] {
    slots.reduce(into: [:]) { result, entry in
      let taken = Set(entry.value)
      result[entry.key] = (0..<(sizes[entry.key] ?? 0)).map { taken.contains($0) }
    }
  }
}
