internal import ClinicalStudies

/// Rows about health as a person reads them: means over seeds, accuracy and AUROC.
struct HealthTable {
  private let groups: [[ClinicalRow]]

  /// - Parameter rows: Of any data sets, epsilons and seeds.
  init(_ rows: [ClinicalRow]) {
    var groups: [[ClinicalRow]] = []
    for row in rows {
      let place = groups.firstIndex {
        $0[0].dataSet == row.dataSet && $0[0].epsilon == row.epsilon
      }
      if let place { groups[place].append(row) } else { groups.append([row]) }
    }
    self.groups = groups
  }

  var text: String {
    let header = [
      "Health", "epsilon", "party", "records", "before", "AFTER", "own kind: before", "AFTER",
      "ensemble", "pooled, not private", "majority",
    ]
    var lines = [header]
    for rows in groups {
      let first = rows[0]
      lines.append([
        first.dataSet, Text.epsilon(first.epsilon), "mean",
        "\(first.parties.map(\.records).reduce(0, +) / first.parties.count)",
        Self.mean(rows.flatMap { $0.parties.map(\.before) }), Self.mean(rows.map(\.fused)),
        Self.mean(rows.flatMap { $0.parties.compactMap(\.beforeOwnKind) }),
        Self.mean(rows.flatMap { $0.parties.compactMap(\.afterOwnKind) }),
        Self.mean(rows.map(\.ensemble)), Self.mean(rows.map(\.controls.pooledWithoutPrivacy)),
        Self.percent(rows.map(\.controls.majority)),
      ])
      for party in first.parties.indices {
        let same = rows.map { $0.parties[party] }
        lines.append([
          first.dataSet, Text.epsilon(first.epsilon), same[0].name,
          "\(same.map(\.records).reduce(0, +) / same.count)",
          Self.mean(same.map(\.before)), Self.mean(same.map(\.after)),
          Self.mean(same.compactMap(\.beforeOwnKind)), Self.mean(same.compactMap(\.afterOwnKind)),
        ])
      }
    }
    return Text.table(lines, indent: "")
      + "\n\nEach cell: accuracy in percent / AUROC, mean over seeds. Epsilon is each party's, for "
      + "any one record,\nat delta \(ClinicalStudy.delta). Probes are a data set's own inputs "
      + "without labels, taken for public."
  }

  private static func mean(_ scores: [ClinicalRow.Score]) -> String {
    guard !scores.isEmpty else { return "-" }
    let areas = scores.compactMap(\.auroc)
    let area =
      areas.isEmpty ? "-" : Text.decimal(areas.reduce(0, +) / Double(areas.count), 3)
    return percent(scores.map(\.accuracy)) + " / " + area
  }

  private static func percent(_ shares: [Double]) -> String {
    Text.decimal(100 * shares.reduce(0, +) / Double(max(shares.count, 1)), 1)
  }
}
