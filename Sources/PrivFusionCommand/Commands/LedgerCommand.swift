internal import ArgumentParser

struct LedgerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger",
    abstract: "Makes, shows and verifies the ledger of what a party has spent.",
    discussion: """
      One file holds a party's limits, its debits, its released bytes and its signing key. A debit \
      is on the disk before its noise is drawn, and the same request gives the same stored bytes.

      An older copy that is put back looks like any ledger. It shows only against what was \
      kept elsewhere: keep an anchor on another disk or with somebody else, and give it to `verify` \
      and to every command that spends, with --anchor.
      """,
    subcommands: [
      LedgerCreateCommand.self, LedgerShowCommand.self, LedgerVerifyCommand.self,
      LedgerAnchorCommand.self, LedgerExportCommand.self,
    ])
}
