internal import ArgumentParser
internal import LocalPrivacySQLite

struct LedgerVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Verifies the chain of a ledger's entries, its results and its pages.",
    discussion: """
      Without --head this finds damage, not deceit: whoever can write the file can put back an \
      older copy.
      """)

  @Argument(help: "A ledger that no process has open.")
  var path: String

  @Option(help: "A head that was noted earlier: the ledger must continue from it.")
  var head: String?

  func validate() throws {
    guard let head else { return }
    guard head.utf8.count == 64, head.allSatisfy({ "0123456789abcdef".contains($0) }) else {
      throw ValidationError("a head has 64 hexadecimal digits in lower case, got \(head)")
    }
  }

  func run() throws {
    let statement = try LedgerStatement(ofLedgerAt: path)
    if let head, !statement.continues(from: head) {
      throw Failure(
        "\(path): it does not continue from the head \(head): it is another ledger or an older "
          + "copy; do not spend from it", .data)
    }
    Terminal.result(
      "\(path): \(statement.entries.count) debits in \(statement.chainLength) links are whole"
        + (head == nil ? "" : " and continue from the given head") + "; head \(statement.head)")
  }
}
