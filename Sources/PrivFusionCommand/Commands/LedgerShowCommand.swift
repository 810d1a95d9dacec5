internal import ArgumentParser
internal import LocalPrivacySQLite

struct LedgerShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Verifies a ledger and shows its limits, what is spent and left, and its entries.")

  @Argument(help: "A ledger that no process has open.")
  var path: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let report = try LedgerReport(LedgerStatement(ofLedgerAt: path), file: path)
    if json { try Terminal.json(report) } else { Terminal.result(report.text) }
  }
}
