import Foundation
import Testing

/// `ledger anchor`, and `--anchor` of the commands that spend.
@Suite struct AnchorCommandTests {
  private struct Verified: Decodable {
    let chainLength: Int
    let genesis: String
    let head: String
    let continuesFrom: [String]?
  }

  private static func copy(_ name: String, to other: String, in bench: Workbench) throws {
    try? FileManager.default.removeItem(atPath: bench.folder + other)
    try FileManager.default.copyItem(atPath: bench.folder + name, toPath: bench.folder + other)
  }

  @Test func `an anchor is written, checked, and replaced by a later one only`() throws {
    try withTemporaryFolder { folder in
      let bench = Workbench(at: folder)
      for name in ["a", "b"] {
        try bench.succeed(["ledger", "create", name + ".ledger", "--value-epsilon", "1"])
      }
      try bench.succeed(["ledger", "anchor", "a.ledger", "-o", "a.anchor"])
      let run = try bench.run([
        "ledger", "verify", "a.ledger", "--anchor", "a.anchor", "--json",
      ])
      let verified = try run.decoded(Verified.self)
      #expect(verified.continuesFrom == ["anchor"] && verified.chainLength == 0)
      #expect(verified.genesis == verified.head)
      let before = try bench.bytes("a.anchor")
      for (arguments, code) in [
        (["anchor", "b.ledger", "--output", "a.anchor"], 65),
        (["verify", "b.ledger", "--anchor", "a.anchor"], 65),
        (["verify", "a.ledger", "--anchor", "a.ledger"], 65),
        (["verify", "a.ledger", "--anchor", "none.anchor"], 66),
        (["anchor", "none.ledger", "-o", "none.anchor"], 66),
        (["anchor", "a.ledger", "-o", "a.ledger"], 64),
        (["anchor", "a.ledger", "-o", "none/a.anchor"], 73),
        (["anchor", "a.ledger", "-o", "b.ledger"], 65),
      ] {
        let run = try bench.run(["ledger"] + arguments)
        #expect(run.code == code, "\(arguments): \(run.words)")
        #expect(run.output.isEmpty && !run.words.isEmpty)
      }
      #expect(try bench.bytes("a.anchor") == before)
      #expect(try bench.names() == ["a.ledger", "b.ledger", "a.anchor"])
    }
  }

  @Test func `a release refuses an older copy, and brings its anchor up to date`() throws {
    try Workbench.with { bench in
      try bench.succeed(["ledger", "create", "a.ledger", "--value-epsilon", "20"])
      try bench.succeed(["ledger", "anchor", "a.ledger", "-o", "a.anchor"])
      try Self.copy("a.ledger", to: "old.ledger", in: bench)
      let arguments = bench.signatureArguments("a", ledger: "a.ledger") + ["--anchor", "a.anchor"]
      let empty = try bench.bytes("a.anchor")
      try bench.succeed(arguments)
      #expect(try bench.bytes("a.anchor") != empty)
      try bench.succeed(["ledger", "verify", "a.ledger", "--anchor", "a.anchor"])

      let fromCopy =
        bench.signatureArguments("a", ledger: "old.ledger", output: "again.signature")
      let before = try bench.contents()
      let run = try bench.run(fromCopy + ["--anchor", "a.anchor"])
      #expect(run.code == 65 && run.words.contains("older copy"), "\(run.words)")
      #expect(try bench.contents() == before)
      let plan = try bench.run(fromCopy + ["--anchor", "a.anchor", "--plan"])
      #expect(plan.code == 0 && plan.output.contains("older copy"), "\(plan.output)")
      // A ledger that is missing is not made anew where there is an anchor of it.
      let missing = try bench.run(
        bench.signatureArguments("a", ledger: "new.ledger") + ["--anchor", "a.anchor"])
      #expect(missing.code == 66)
      #expect(try bench.contents() == before)
      // Asked again it gives the same bytes; the output is no place of the anchor's.
      try bench.succeed(arguments)
      #expect(try bench.bytes("a.signature") == before["a.signature"])
      let over = bench.signatureArguments("a", ledger: "a.ledger", output: "a.anchor")
      #expect(try bench.run(over + ["--anchor", "a.anchor"]).code == 64)
    }
  }

  @Test func `a training checks a receipt and leaves it as it is`() throws {
    try RecordWorkbench.with { records in
      let bench = records.bench
      try Self.copy("new.ledger", to: "old.ledger", in: bench)
      let changes = ["--output": "more.onnx", "--ledger": "new.ledger", "--anchor": "new.anchor"]
      try bench.succeed(["ledger", "anchor", "new.ledger", "-o", "new.anchor"])
      try bench.succeed(records.training("p1", replacing: changes))
      try bench.succeed(["ledger", "verify", "new.ledger", "--anchor", "new.anchor"])
      try bench.succeed(["receipt", "create", "new.ledger", "--entry", "1", "-o", "receipt.json"])
      let before = try bench.contents()
      let older = try bench.run(
        records.training(
          "p1",
          replacing: changes.merging(["--ledger": "old.ledger", "--anchor": "receipt.json"]) { $1 })
      )
      #expect(older.code == 65 && older.words.contains("older copy"), "\(older.words)")
      #expect(try bench.contents() == before)
      try bench.succeed(
        records.training(
          "p2",
          replacing: changes.merging(
            ["--anchor": "receipt.json", "--output": "third.onnx"]) { $1 }))
      #expect(try bench.bytes("receipt.json") == before["receipt.json"])
      #expect(try bench.bytes("new.anchor") == before["new.anchor"])
    }
  }
}
