import Foundation
import Testing

/// `release --plan` looks at the ledger that would pay, and leaves it as it is.
@Suite struct PlanTests {
  private struct Plan: Decodable {
    let ledgerCovers: Bool?
    let ledgerRefusal: String?
  }

  @Test func `a plan says whether its ledger can pay, and spends nothing`() throws {
    try Workbench.with { bench in
      func plan(_ ledger: String) throws -> Plan {
        let run = try bench.run(
          bench.signatureArguments("a", ledger: ledger) + ["--plan", "--json"])
        try #require(run.code == 0, "\(run.words)")
        return try run.decoded()
      }
      try bench.succeed([
        "ledger", "create", "poor.ledger", "--model-epsilon", "100", "--model-delta", "0",
      ])
      try bench.succeed(["ledger", "create", "rich.ledger", "--value-epsilon", "20"])
      let before = try bench.contents()
      #expect(try plan("no.ledger").ledgerCovers == nil)
      let rich = try plan("rich.ledger")
      #expect(rich.ledgerCovers == true && rich.ledgerRefusal == nil)
      let poor = try plan("poor.ledger")
      #expect(poor.ledgerCovers == false)
      #expect(poor.ledgerRefusal?.contains("100") == true)
      let words = try bench.run(bench.signatureArguments("a", ledger: "poor.ledger") + ["--plan"])
      #expect(words.code == 0 && words.output.contains("poor.ledger: can't pay this: "))
      #expect(try bench.contents() == before)

      // What is stored is given again for nothing; another model under its names never is.
      try bench.succeed(bench.signatureArguments("a", ledger: "rich.ledger"))
      #expect(try plan("rich.ledger").ledgerCovers == true)
    }
  }
}
