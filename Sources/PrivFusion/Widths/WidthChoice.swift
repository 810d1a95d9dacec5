internal import Models
internal import Symmetry

/// How wide the layers of the fused network may become.
///
/// Units are matched at the widest party's width. What is wider than that is filled by parting the units
/// that are least alike.
public enum WidthChoice: Sendable, Equatable {
  /// Every layer as its widest party's.
  case widest
  /// That times a factor of at least 1, rounded up.
  case factor(Double)
  /// The number of units of some groups; other layers as the widest party's. A group is told by its
  /// number in the first party's network, or by the name of the first parameter that it makes there.
  case units([String: Int])
}

/// The sizes of the groups of several networks that differ in these sizes alone.
struct WidthPlan {
  /// By group, for every party its number of units.
  let parties: [GroupID: [Int]]
  /// By group, the widest party's number of units.
  let widest: [GroupID: Int]
  /// By group, the number of slots that may be reached; never more than all parties' units.
  let limits: [GroupID: Int]
  /// Whether the limits are to be reached whatever units are alike.
  let isChosen: Bool
  /// A parameter of the first party that each group's units make.
  let names: [GroupID: String]

  /// - Throws: `ModelError/differentArchitecture(reason:)` where groups do not correspond, and
  ///   ``FusionError/width(reason:)`` for a choice that can't be met.
  init(_ networks: [GraphWidening], choice: WidthChoice) throws {
    let first = networks[0]
    let axes = Self.axes(of: first)
    for network in networks.dropFirst() where Self.axes(of: network) != axes {
      throw ModelError.differentArchitecture(
        reason: "their layers do not correspond one to one, or a layer has a single unit in one")
    }
    var parties: [GroupID: [Int]] = [:]
    for (index, group) in first.groups.groups.enumerated() {
      parties[group.id] = networks.map { $0.groups.groups[index].size }
    }
    let names = Dictionary(
      uniqueKeysWithValues: first.groups.groups.map {
        ($0.id, $0.axes.first?.parameter ?? $0.id.description)
      })
    self.parties = parties
    self.names = names
    isChosen = choice != .widest
    widest = parties.mapValues { $0.max() ?? 0 }
    let chosen = try Self.limits(widest, first, choice)
    limits = parties.reduce(into: [:]) { limits, entry in
      let all = entry.value.reduce(0, +)
      limits[entry.key] = min(chosen?[entry.key] ?? all, all)
    }
  }

  /// By group, the places where it is, by the parameters' order.
  private static func axes(of network: GraphWidening) -> [[[Int]]] {
    let order = Dictionary(
      uniqueKeysWithValues: network.graph.parameterNames.enumerated().map { ($1, $0) })
    return network.groups.groups.map { $0.axes.map { [order[$0.parameter] ?? -1, $0.axis] } }
  }

  private static func limits(
    _ widest: [GroupID: Int], _ first: GraphWidening, _ choice: WidthChoice
  ) throws -> [GroupID: Int]? {
    switch choice {
    case .widest:
      return nil
    case .factor(let factor):
      guard factor >= 1, factor <= 16 else {
        throw FusionError.width(
          reason: """
            the factor must be from 1 to 16, got \(factor): units of the widest party would have no \
            place below 1
            """)
      }
      return widest.mapValues { Int((Double($0) * factor).rounded(.up)) }
    case .units(let wanted):
      var result = widest
      for (name, count) in wanted.sorted(by: { $0.key < $1.key }) {
        guard
          let group = first.groups.groups.first(where: {
            Int(name) == $0.id.index || $0.axes.first?.parameter == name
          })
        else {
          let known = first.groups.groups.map {
            "\($0.id.index) or \($0.axes.first?.parameter ?? "")"
          }
          throw FusionError.width(
            reason: """
              '\(name)' is not what a layer of variable width is called; these are: \
              \(known.joined(separator: ", "))
              """)
        }
        let least = widest[group.id] ?? 0
        guard count >= least, count <= 16 * least else {
          throw FusionError.width(
            reason: """
              '\(name)' must have from \(least) units, as its widest party has, to \(16 * least), got \
              \(count)
              """)
        }
        result[group.id] = count
      }
      return result
    }
  }
}
