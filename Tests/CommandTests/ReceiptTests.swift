import Foundation
import Testing

/// `--receipt`, `receipt create`, `show` and `verify`, from outside.
@Suite struct ReceiptTests {
  /// What `receipt show --json` says, as far as it is looked at.
  private struct Report: Decodable {
    struct Loss: Decodable {
      let unit: String
      let epsilon: Double
    }

    struct Release: Decodable {
      let entry: Int
      let name: String
      let unit: String
      let values: Int?
    }

    let releases: [Release]
    let composed: [Loss]
    let ledgerComposed: [Loss]
    let genesis: String
    let head: String
    let chainLength: Int
    let publicKey: String
    let compared: [String]
  }

  private struct Ledger: Decodable {
    let head: String
    let publicKey: String
    let chainLength: Int
  }

  private static func refused(
    _ bench: Workbench, _ arguments: [String], code: Int32, _ words: String? = nil
  ) throws {
    let run = try bench.run(["receipt"] + arguments)
    #expect(run.code == code, "\(arguments): \(run.words)")
    #expect(run.output.isEmpty && !run.words.isEmpty)
    if let words { #expect(run.words.contains(words), "\(run.words)") }
  }

  @Test func `messages have receipts, which are verified without model, data or ledger`() throws {
    try Workbench.with { bench in
      try bench.succeed(
        bench.signatureArguments("a", ledger: "a.ledger") + ["--receipt", "a.receipt"])
      let ledger = try bench.run(["ledger", "show", "a.ledger", "--json"]).decoded(Ledger.self)
      try withTemporaryFolder { folder in
        // Nothing but the receipt is there.
        let elsewhere = Workbench(at: folder)
        try bench.bytes("a.receipt").write(to: elsewhere.url("a.receipt"))
        let run = try elsewhere.run([
          "receipt", "verify", "a.receipt", "--key", ledger.publicKey, "--json",
        ])
        #expect(run.code == 0, "\(run.words)")
        let report = try run.decoded(Report.self)
        #expect(report.head == ledger.head && report.chainLength == ledger.chainLength)
        #expect(report.publicKey == ledger.publicKey && report.compared == ["the given key"])
        #expect(report.releases.count > 1 && report.composed.map(\.unit) == ["model"])
        #expect(report.releases.allSatisfy { $0.unit == "value" && $0.values ?? 0 > 0 })
        try Self.refused(
          elsewhere, ["verify", "a.receipt", "--key", String(repeating: "0", count: 64)], code: 65)
      }
      try bench.succeed([
        "receipt", "verify", "a.receipt", "--ledger", "a.ledger", "--released", "a.signature",
      ])
      try bench.signature("b")
      try Self.refused(bench, ["verify", "a.receipt", "--released", "b.signature"], code: 65)
      try Self.refused(bench, ["verify", "a.receipt", "--released", "probe.npz"], code: 65)
      try Self.refused(bench, ["verify", "a.receipt", "--ledger", "b.ledger"], code: 65)

      // Weights are paid later: the older receipt's ledger has gone on.
      try bench.succeed(
        bench.weightsArguments("a", ledger: "a.ledger") + ["--receipt", "weights.receipt"])
      try bench.succeed([
        "receipt", "verify", "weights.receipt", "--ledger", "a.ledger", "--released", "a.weights",
      ])
      try bench.succeed(["receipt", "verify", "a.receipt", "--ledger", "a.ledger"])
    }
  }

  @Test func `a past release has a receipt from its ledger alone`() throws {
    try Workbench.with { bench in
      try bench.signature("a")
      let before = try bench.bytes("a.ledger")
      try bench.succeed(["receipt", "create", "a.ledger", "--entry", "1", "-o", "one.receipt"])
      let shown = try bench.run(["receipt", "show", "one.receipt", "--json"])
      let report = try shown.decoded(Report.self)
      #expect(report.releases.map(\.entry) == [1])
      let name = try #require(report.releases.first?.name)
      let byName = try bench.run(["receipt", "create", "a.ledger", "--name", name])
      #expect(
        byName.code == 0 && byName.output.contains("\"format\": \"PrivFusion privacy receipt\""))
      // The same but for the signature, which may be made with other randomness.
      let unsigned = byName.output.split(separator: "\"signature\"")[0]
      #expect(String(decoding: try bench.bytes("one.receipt"), as: UTF8.self).hasPrefix(unsigned))
      let words = try bench.run(["receipt", "show", "one.receipt"])
      #expect(words.output.contains("signed by") && words.output.contains(report.head))
      #expect(try bench.bytes("a.ledger") == before)
      for (arguments, code) in [
        (["create", "a.ledger"], 64), (["create", "a.ledger", "--entry", "0"], 64),
        (["create", "a.ledger", "--entry", "-1"], 64),
        (["create", "a.ledger", "--entry", "2"], 64), (["create", "a.ledger", "--name", "x"], 64),
        (["create", "a.ledger", "--entry", "1", "--name", "x"], 64),
        (["create", "a.ledger", "--entry", "1", "--delta", "1"], 64),
        (["create", "a.ledger", "--entry", "1", "-o", "a.ledger"], 64),
        (["create", "a.ledger", "--entry", "1", "-o", "none/x"], 73),
        (["create", "none.ledger", "--entry", "1"], 66),
        (["create", "a.onnx", "--entry", "1"], 65),
      ] as [([String], Int32)] {
        try Self.refused(bench, arguments, code: code)
      }
      #expect(try bench.bytes("a.ledger") == before)
    }
  }

  @Test func `a receipt never replaces what a release reads or writes`() throws {
    try Workbench.with { bench in
      let before = try bench.contents()
      for place in ["a.onnx", "probe.npz", "a.ledger", "a.signature"] {
        let run = try bench.run(
          bench.signatureArguments("a", ledger: "a.ledger") + ["--receipt", place])
        #expect(run.code == 64, "\(place): \(run.words)")
      }
      let nowhere = try bench.run(
        bench.signatureArguments("a", ledger: "a.ledger") + ["--receipt", "none/x"])
      #expect(nowhere.code == 73)
      let planned = try bench.run(
        bench.signatureArguments("a", ledger: "a.ledger") + ["--receipt", "x", "--plan"])
      #expect(planned.code == 64)
      #expect(try bench.contents() == before)
    }
  }

  @Test func `a receipt of records is about the model that was written`() throws {
    try RecordWorkbench.with { parties in
      let bench = parties.bench
      // The same request gives the same bytes, and now its receipt.
      try bench.succeed(parties.training("p1") + ["--receipt", "p1.receipt"])
      try bench.succeed([
        "receipt", "verify", "p1.receipt", "--ledger", "p1.ledger", "--certificate", "p1.onnx",
        "--released", "p1.onnx",
      ])
      let report = try bench.run(["receipt", "show", "p1.receipt", "--json"]).decoded(Report.self)
      #expect(report.releases.map(\.name) == ["train p1.onnx"])
      #expect(report.releases.map(\.unit) == ["record"])
      #expect(report.ledgerComposed.allSatisfy { $0.unit == "record" && $0.epsilon <= 1 })
      try Self.refused(bench, ["verify", "p1.receipt", "--released", "p2.onnx"], code: 65)
      try Self.refused(bench, ["verify", "p1.receipt", "--certificate", "p2.onnx"], code: 65)
      try Self.refused(bench, ["verify", "p1.receipt", "--ledger", "p2.ledger"], code: 65)
      let open = try bench.run([
        "train", "--architecture", "trunk.onnx", "--data", "p1.npz", "--epochs", "1", "--seed",
        "1", "--output", "x.onnx", "--receipt", "x.receipt",
      ])
      #expect(open.code == 64)
      let over = try bench.run(parties.training("p1") + ["--receipt", "p1.ledger"])
      #expect(over.code == 64)
    }
  }

  @Test func `forged, damaged and missing receipts end with their exit codes`() throws {
    try Workbench.with { bench in
      try bench.signature("a")
      try bench.succeed(["receipt", "create", "a.ledger", "--entry", "1", "-o", "a.receipt"])
      let whole = String(decoding: try bench.bytes("a.receipt"), as: UTF8.self)
      let epsilon = try #require(whole.firstMatch(of: /"epsilon": ([0-9.]+)/)?.output.1)
      for (name, text) in [
        ("lower", whole.replacing(epsilon, with: "0.5")), ("short", String(whole.dropLast(3))),
        ("spaced", whole + " "), ("empty", ""), ("model", "PRIVFUSE"),
        ("version", whole.replacing("\"version\": 1", with: "\"version\": 7")),
      ] {
        try Data(text.utf8).write(to: bench.url(name))
        for command in ["show", "verify"] {
          try Self.refused(bench, [command, name], code: 65, name)
        }
      }
      for path in ["none", "."] { try Self.refused(bench, ["verify", path], code: 66) }
      for key in ["", "12", String(repeating: "g", count: 64)] {
        try Self.refused(bench, ["verify", "a.receipt", "--key", key], code: 64)
      }
      let anyone = try bench.run(["receipt", "verify", "a.receipt"])
      #expect(anyone.code == 0 && anyone.words.contains("any signer is accepted"))
    }
  }
}
