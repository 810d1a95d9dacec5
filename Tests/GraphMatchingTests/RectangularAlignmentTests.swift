import GraphMatching
import Symmetry
import Tensors
import Testing

/// A party with fewer units than the universe, its slots filled up with zeros.
@Suite struct RectangularAlignmentTests {
  private let group = GroupID(0)

  /// All ways to give `units` of a party distinct slots, and the best sum of inner products.
  private func best(_ universe: [[Float]], _ party: [[Float]], _ used: Set<Int> = []) -> Float {
    guard let unit = party.first else { return 0 }
    return universe.indices.filter { !used.contains($0) }.map { slot in
      zip(universe[slot], unit).reduce(0) { $0 + $1.0 * $1.1 }
        + best(universe, Array(party.dropFirst()), used.union([slot]))
    }.max() ?? 0
  }

  /// 60 small worlds, drawn from one seed: the tolerance is rounding of sums of a few numbers.
  @Test func `zeros for units that are not there give the best of all rectangular assignments`()
    throws
  {
    var generator = SplitMix(5)
    for (slots, units) in [(2, 1), (4, 2), (5, 3), (6, 5)] {
      for _ in 0..<15 {
        func rows(_ count: Int) -> [[Float]] {
          (0..<count).map { _ in (0..<3).map { _ in Float.random(in: -1...1, using: &generator) } }
        }
        let (universe, party) = (rows(slots), rows(units))
        let padded = party + Array(repeating: [0, 0, 0], count: slots - units)
        let term = try MatchingTerm(axes: [.group(group, size: slots), .fixed(3)], weight: 1)
        func tensor(_ rows: [[Float]]) throws -> Tensor {
          try Tensor(rows.flatMap { $0 }, shape: [slots, 3])
        }
        let found = try alignment(of: [tensor(padded)], to: [tensor(universe)], terms: [term])
        let order = try #require(found[group]).indices
        let total = zip(universe, order).reduce(Float(0)) { sum, pair in
          sum + zip(pair.0, padded[pair.1]).reduce(0) { $0 + $1.0 * $1.1 }
        }
        #expect(abs(total - best(universe, party)) < 1e-5, "\(slots) slots, \(units) units")
      }
    }
  }
}
