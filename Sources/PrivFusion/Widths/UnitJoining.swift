internal import Foundation
internal import Models
internal import Symmetry
internal import Tensors

/// Which units of the parties share a slot: what a matching gives, less the pairs that are too unlike.
struct UnitJoining {
  /// For every party by group the slot of each of its units.
  private(set) var slots: [[GroupID: [Int]]]
  /// By group, the number of slots.
  private(set) var sizes: [GroupID: Int]

  /// - Parameters:
  ///   - orders: For every party by group: position `i` of the universe is the party's `indices[i]`;
  ///     positions beyond the party's width are empty.
  ///   - plan: The parties' widths.
  init(_ orders: [[GroupID: Permutation]], _ plan: WidthPlan) {
    sizes = plan.widest
    slots = orders.enumerated().map { party, order in
      plan.parties.reduce(into: [:]) { result, entry in
        let inverse = order[entry.key]?.inverse.indices
        result[entry.key] = (0..<entry.value[party]).map { inverse?[$0] ?? $0 }
      }
    }
  }

  /// Gives units of their own slots where they are unlike those that they share one with.
  ///
  /// A unit is compared with the mean of the earlier parties' units in its slot, by the correlation of
  /// what they do on the probe. The most unlike leave first.
  ///
  /// - Parameters:
  ///   - least: The correlation from which on units stay together, in -1 to 1.
  ///   - limits: By group, the number of slots that may be reached.
  ///   - signature: What the units of a party do, shape `[units, N]` in the party's own order; `nil`
  ///     for a group that no layer's outputs show.
  mutating func separate(
    below least: Double, limits: [GroupID: Int],
    signature: (Int, GroupID) throws -> Tensor?
  ) throws {
    for group in sizes.keys.sorted() {
      let rows = try slots.indices.map { party -> [[Double]]? in
        try signature(party, group).map { signature in
          let flat: [Double] = try signature.centred().cast(to: .float64).elements()
          let count = signature.shape[1]
          return (0..<signature.shape[0]).map { Array(flat[($0 * count)..<(($0 + 1) * count)]) }
        }
      }
      var unlike: [(party: Int, unit: Int, correlation: Double)] = []
      var seen: [Int: [Double]] = [:]
      for party in slots.indices {
        guard let own = rows[party] else { break }
        for (unit, slot) in (slots[party][group] ?? []).enumerated() {
          guard let before = seen[slot] else {
            seen[slot] = own[unit]
            continue
          }
          let correlation = Self.correlation(before, own[unit])
          if correlation < least {
            unlike.append((party, unit, correlation))
          } else {
            seen[slot] = zip(before, own[unit]).map { $0 + $1 }
          }
        }
      }
      var size = sizes[group] ?? 0
      for pair in unlike.sorted(by: { $0.correlation < $1.correlation }) {
        guard size < limits[group] ?? 0 else { break }
        slots[pair.party][group]?[pair.unit] = size
        size += 1
      }
      sizes[group] = size
    }
  }

  /// The number of slots by how many parties have a unit there: `[k - 1]` for k parties.
  func shares(of group: GroupID) -> [Int] {
    let counts = slots.reduce(into: [Int: Int]()) { counts, party in
      for slot in party[group] ?? [] { counts[slot, default: 0] += 1 }
    }
    return counts.values.reduce(into: Array(repeating: 0, count: slots.count)) {
      $0[$1 - 1] += 1
    }
  }

  private static func correlation(_ one: [Double], _ other: [Double]) -> Double {
    var (product, left, right) = (0.0, 0.0, 0.0)
    for (a, b) in zip(one, other) {
      product += a * b
      left += a * a
      right += b * b
    }
    // A unit that does nothing is like any other.
    return left > 0 && right > 0 ? product / (left * right).squareRoot() : 1
  }
}
