internal import ArgumentParser

struct ReceiptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipt",
    abstract: "Makes, shows and verifies signed receipts of what a party released.",
    discussion: """
      A receipt is a JSON file that states, in the order of NIST SP 800-226, the loss and its unit, \
      the mechanism's integers, the accounting, and what is known of bias, side channels, trust, \
      security, access and data. It names where the ledger stood and the SHA-256 of the released \
      bytes, and is signed with the ledger's key. It holds no private value.

      It shows who says so, and that the losses follow from the integers. That the party ran the \
      mechanism as stated, or has no other ledger, it can't show.
      """,
    subcommands: [ReceiptCreateCommand.self, ReceiptShowCommand.self, ReceiptVerifyCommand.self])
}
