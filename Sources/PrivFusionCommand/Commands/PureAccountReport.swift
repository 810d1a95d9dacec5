internal import LocalPrivacy

/// What `account pure` says.
struct PureAccountReport: Encodable, CustomStringConvertible {
  /// Equal losses of single values.
  struct Releases: Encodable {
    let unit: String
    let epsilon: Double
    let count: Int
  }

  /// Each accountant's epsilon for the unit and delta of the report; all but the sum are absent
  /// with delta 0.
  struct Accountants: Encodable {
    let sum: Double
    let zcdp: Double?
    let renyi: Double?
    /// Absent where losses differ.
    let optimal: Double?
    let lossDistribution: Double?
    let lossDistributionLower: Double?
  }

  /// What one release loses.
  let releases: [Releases]
  /// What all of them together lose.
  let unit: String
  /// The figure to report; nothing less than `epsilonLower` holds.
  let epsilon: Double
  let epsilonLower: Double
  let delta: Double
  let accountants: Accountants
  /// What was asked for; absent where the losses were given.
  let targetEpsilon: Double?

  init(_ expenditures: [Expenditure], delta: Double, target: Double?) throws {
    let composition = try Composition(ofModel: expenditures)
    let loss = try composition.loss(delta: delta)
    let interval = try composition.interval(delta: delta)
    let distribution = try composition.lossDistribution(delta: delta)
    releases = expenditures.map {
      Releases(unit: $0.unit.rawValue, epsilon: $0.epsilon, count: $0.count)
    }
    unit = interval.unit.rawValue
    epsilon = interval.upper
    epsilonLower = interval.lower
    self.delta = delta
    accountants = Accountants(
      sum: loss.basic, zcdp: loss.zcdp, renyi: loss.renyi, optimal: loss.optimal,
      lossDistribution: distribution?.upper, lossDistributionLower: distribution?.lower)
    targetEpsilon = target
  }

  var description: String {
    let kinds = releases.map { "\($0.count) at epsilon \(Text.figure($0.epsilon))" }
      .joined(separator: ", ")
    var rows: [[String]] = []
    if let targetEpsilon, let each = releases.first {
      rows.append([
        "epsilon per \(each.unit)", Text.figure(each.epsilon),
        "the greatest for \(Text.figure(targetEpsilon)) per \(unit)",
      ])
    }
    rows += [
      ["epsilon per \(unit)", Text.figure(epsilon), "at delta \(Text.figure(delta))"],
      ["at least", Text.figure(epsilonLower), "nothing less holds for the worst mechanisms"],
      ["sum", Text.figure(accountants.sum), "at delta 0"],
    ]
    func row(_ name: String, _ figure: Double?, _ words: String = "") {
      if let figure { rows.append([name, Text.figure(figure), words]) }
    }
    row("zCDP", accountants.zcdp)
    row("Rényi divergence", accountants.renyi)
    row("optimal", accountants.optimal, "Kairouz, Oh, Viswanath")
    row(
      "loss distribution", accountants.lossDistribution,
      accountants.lossDistributionLower.map { "at least \(Text.figure($0))" } ?? "")
    return """
      Releases of single values: \(kinds).
      Unit: \(unit), for all of them together; the loss of one alone is per value.
      \(Text.table(rows))
      """
  }
}
