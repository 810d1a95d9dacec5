import Foundation
import Testing

/// `ledger create`, `show` and `verify`, from outside.
@Suite struct LedgerTests {
  private struct Report: Decodable {
    struct Account: Decodable {
      let unit: String
      let epsilon: Double
      let delta: Double
      let spent: Double
      let left: Double
    }

    struct Entry: Decodable {}

    let file: String
    let accounts: [Account]
    let entries: [Entry]
    let publicKey: String
    let keyFingerprint: String
    let chainLength: Int
    let head: String
  }

  private static let limits = [
    "--record-epsilon", "2", "--record-delta", "1e-6", "--value-epsilon", "1",
  ]

  @Test func `a ledger is made, shown and verified`() throws {
    try withTemporaryFolder { folder in
      let made = try Tool.run(["ledger", "create", "a.ledger"] + Self.limits, in: folder)
      #expect(made.code == 0, "\(made.words)")
      let attributes = try FileManager.default.attributesOfItem(atPath: folder + "a.ledger")
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.ledger"])

      let shown = try Tool.run(["ledger", "show", "a.ledger", "--json"], in: folder)
      #expect(shown.code == 0, "\(shown.words)")
      let report = try shown.decoded(Report.self)
      #expect(report.file == "a.ledger" && report.entries.isEmpty && report.chainLength == 0)
      #expect(report.accounts.map(\.unit) == ["record", "value"])
      #expect(report.accounts.map(\.epsilon) == [2, 1])
      #expect(report.accounts.map(\.delta) == [1e-6, 0])
      #expect(report.accounts.map(\.spent) == [0, 0] && report.accounts.map(\.left) == [2, 1])
      #expect(report.publicKey.count == 64)
      #expect(made.output.contains(report.keyFingerprint))
      #expect(made.output.contains(report.head))
      let text = try Tool.run(["ledger", "show", "a.ledger"], in: folder)
      #expect(text.output.contains(report.head) && text.output.contains("epsilon 2"))

      let verified = try Tool.run(
        ["ledger", "verify", "a.ledger", "--head", report.head], in: folder)
      #expect(verified.code == 0, "\(verified.words)")
      #expect(verified.output.contains("continue from the given head"))
      let other = try Tool.run(
        ["ledger", "verify", "a.ledger", "--head", String(repeating: "0", count: 64)], in: folder)
      #expect(other.code == 65)
      #expect(other.words.contains("older copy") && other.output.isEmpty)
    }
  }

  @Test func `wrong calls and wrong files end with their exit codes`() throws {
    try withTemporaryFolder { folder in
      #expect(try Tool.run(["ledger", "create", "a.ledger"] + Self.limits, in: folder).code == 0)
      let whole = try Data(contentsOf: URL(fileURLWithPath: folder + "a.ledger"))
      for (arguments, code) in [
        (["create", "b.ledger"], 64),
        (["create", "b.ledger", "--record-epsilon", "1"], 64),
        (["create", "b.ledger", "--value-epsilon", "1", "--model-epsilon", "1"], 64),
        (["create", "b.ledger", "--value-epsilon", "-1"], 64),
        (["create", "b.ledger", "--record-epsilon", "1", "--record-delta", "0"], 64),
        (["create", "none/b.ledger", "--value-epsilon", "1"], 73),
        (["create", "a.ledger", "--value-epsilon", "1"], 73),
        (["show", "b.ledger"], 66), (["verify", "b.ledger"], 66),
        (["verify", "a.ledger", "--head", "short"], 64),
      ] {
        let run = try Tool.run(["ledger"] + arguments, in: folder)
        #expect(run.code == code, "\(arguments): \(run.words)")
        #expect(run.output.isEmpty && !run.words.isEmpty)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.ledger"])

      let url = URL(fileURLWithPath: folder + "a.ledger")
      for damaged in [whole.prefix(8192), Data("no ledger at all".utf8)] {
        try damaged.write(to: url)
        try FileManager.default.setAttributes(
          [.posixPermissions: 0o600], ofItemAtPath: url.path)
        #expect(try Tool.run(["ledger", "verify", "a.ledger"], in: folder).code == 65)
      }
      try whole.write(to: url)
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: url.path)
      let exposed = try Tool.run(["ledger", "show", "a.ledger"], in: folder)
      #expect(exposed.code == 65 && exposed.words.contains("chmod 600"))
    }
  }
}
