import Symmetry
import Testing

/// Axes whose groups have other sizes.
@Suite struct AxisResizingTests {
  private let heads = GroupID(0)
  private let units = GroupID(1)

  private var axes: [AxisStructure] {
    let group = AxisStructure.group(units, size: 3)
    return [
      .fixed(4), group, .product([group, .fixed(2)]), .product([.fixed(2), group]),
      .sum([.fixed(1), group, .fixed(2), group]),
      .sum([.product([.group(heads, size: 2), group]), .product([group, .fixed(2)])]),
    ]
  }

  /// Every position of the narrow axis is found by what it is made of: the members' tags at the slots
  /// are the members', whatever the structure.
  @Test func `positions lead to the same members in the wider axis`() {
    let sizes = [heads: 3, units: 5]
    let slots = [heads: [2, 0], units: [4, 1, 3]]
    for axis in axes {
      let wide = axis.resized(sizes)
      let positions = axis.positions(slots, in: sizes)
      #expect(positions.count == axis.size && Set(positions).count == axis.size)
      for (id, places) in slots {
        for (narrow, wider) in zip(axis.occurrences(of: id), wide.occurrences(of: id)) {
          for (member, own) in narrow.enumerated() {
            let there = Set(wider[places[member]])
            #expect(own.allSatisfy { there.contains(positions[$0]) }, "\(axis)")
          }
        }
      }
    }
  }

  @Test func `present are the positions that a narrower axis has`() {
    let sizes = [heads: 3, units: 5]
    let slots = [heads: [2, 0], units: [4, 1, 3]]
    let members = [heads: [true, false, true], units: [false, true, false, true, true]]
    for axis in axes {
      let taken = Set(axis.positions(slots, in: sizes))
      let wide = axis.resized(sizes)
      #expect(wide.isPresent(members) == (0..<wide.size).map { taken.contains($0) }, "\(axis)")
    }
  }

  @Test func `an axis of the same sizes keeps its positions`() {
    for axis in axes {
      #expect(axis.resized([:]) == axis)
      #expect(axis.positions([:], in: [:]) == Array(0..<axis.size))
      #expect(axis.isPresent([:]).allSatisfy { $0 })
    }
  }
}
