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
    if let student = report.student {
      rows.append([
        "votes' student", Text.percent(student.accuracy),
        "a head on public features, taught by the released votes alone",
      ])
    }
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
      recordLevel,
      "Value-level privacy, as the paper has it: networks trained without privacy, messages randomised",
      "\(report.architecture), \(report.parties.count) parties, \(report.split), "
        + "\(report.probes) public probes", "", Text.table(rows), "", privacy, "", costs,
    ].joined(separator: "\n")
  }

  /// The mode that one can sign for.
  private var recordLevel: String {
    guard let first = report.recordLevel.first else { return "" }
    var rows = [
      ["Test accuracy"] + report.recordLevel.map { "epsilon \(Text.epsilon($0.epsilon.epsilon))" }
    ]
    func add(_ name: String, _ value: (RecordLevelRow) -> Double?, _ remark: String = "") {
      rows.append([name] + report.recordLevel.map { value($0).map(Text.percent) ?? "-" } + [remark])
    }
    for index in first.parties.indices {
      add(
        first.parties[index].name, { $0.parties[index].accuracyAlone },
        "alone with \(first.parties[index].records) records, at its best settings")
    }
    add("ensemble", { $0.ensemble.accuracy }, "all released heads together")
    add("FUSED", { $0.fused.accuracy }, "one model; fusing costs no further privacy")
    add("control", { $0.controls.pooledWithoutPrivacy }, "all records in one hand, no privacy")
    return [
      "Record-level privacy, the mode one can sign for: private heads on public features, averaged",
      "",
      Text.table(rows), "",
      """
        Privacy: epsilon as above, delta \(first.epsilon.delta), per record of a party against \
      everyone (\(first.epsilon.adjacency)
        neighbours, \(first.epsilon.mechanism), \(first.epsilon.accountant) accounting). Exact for \
      all that a party sends.
      """, "",
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
    let votes =
      report.votes.map {
        "Votes: read from \($0.path == "decoded" ? "the graph of the probes" : "their counts")"
          + " (held-out log-likelihood \(Text.decimal($0.heldOutDecoded, 3)) decoded,"
          + " \(Text.decimal($0.heldOutCounts, 3)) counted)\n"
      } ?? ""
    let seconds = report.seconds.sorted { $0.key < $1.key }
      .map { "\($0.key) \(Text.decimal($0.value, 1))" }.joined(separator: ", ")
    return votes + "Sent by each party: \(bytes)\nSeconds: \(seconds)"
  }
}
