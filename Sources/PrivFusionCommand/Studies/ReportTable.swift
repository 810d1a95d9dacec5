internal import Evaluation
internal import Foundation

/// A report as a person reads it.
struct ReportTable {
  private let report: FusionReport

  init(_ report: FusionReport) { self.report = report }

  var text: String {
    var rows = [["Model", "Test accuracy", ""]]
    for party in report.parties {
      rows.append([
        party.name, Text.percent(party.accuracy), "trained alone on \(party.records) records",
      ])
    }
    rows += [
      ["ensemble", Text.percent(report.ensemble.accuracy), "all models together, nothing private"],
      ["plain average", Text.percent(report.average.accuracy), "of weights as they come"],
      [
        "fused, no filter", Text.percent(report.fused.withoutFilter),
        "matched and averaged from what was released",
      ],
      ["FUSED", Text.percent(report.fused.accuracy), "what PrivFusion makes"],
    ]
    if let controls = report.controls {
      rows += [
        [
          "control A", Text.percent(controls.weightsIgnored),
          "the same without the weight messages",
        ],
        [
          "control B", Text.percent(controls.scratchOnVotes),
          "a fresh model trained on the released votes alone",
        ],
      ]
    }
    return [
      "\(report.architecture), \(report.parties.count) parties, \(report.split), "
        + "\(report.probes) public probes", "", Text.table(rows), "", privacy, "", costs,
    ].joined(separator: "\n")
  }

  private var privacy: String {
    guard let epsilon = report.epsilon else {
      return "Privacy: none; all models were in one hand."
    }
    var rows = [
      [
        "per \(epsilon.unit)", "epsilon \(Text.epsilon(epsilon.perValue))",
        "each of the \(epsilon.values) numbers a party sends, taken alone",
      ],
      [
        "per \(epsilon.composedUnit), basic", "epsilon \(Text.epsilon(epsilon.composedBasic))",
        "all of them together, between any two models of a party",
      ],
    ]
    if let zcdp = epsilon.composedZcdp {
      rows.append([
        "per \(epsilon.composedUnit), zCDP", "epsilon \(Text.epsilon(zcdp))",
        "the same at delta \(epsilon.delta), which serves many small losses better than these",
      ])
    }
    rows.append([
      "per \(epsilon.composedUnit), tightest", "epsilon \(Text.epsilon(epsilon.composedTightest))",
      "the least of all valid bounds at delta \(epsilon.delta)",
    ])
    return "Privacy loss\n" + Text.table(rows)
      + "\n  The composed figure protects nothing by itself; what value-level privacy is and is not"
      + "\n  worth is said in the README."
  }

  private var costs: String {
    let bytes = report.bytesSent.map { Text.bytes($0) }.joined(separator: ", ")
    let seconds = report.seconds.sorted { $0.key < $1.key }
      .map { "\($0.key) \(Text.decimal($0.value, 1))" }.joined(separator: ", ")
    return "Sent by each party: \(bytes)\nSeconds: \(seconds)"
  }
}
