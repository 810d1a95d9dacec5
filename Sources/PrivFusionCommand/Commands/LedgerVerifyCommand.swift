internal import ArgumentParser
internal import LocalPrivacySQLite

struct LedgerVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Verifies the chain of a ledger's entries, its results and its pages.",
    discussion: """
      Without --anchor or --head this finds damage, not deceit: whoever can write the file can put \
      back an older copy.
      """)

  @Argument(help: "A ledger that no process has open.")
  var path: String

  @Option(help: "A head that was noted earlier: the ledger must continue from it.")
  var head: String?

  @Option(help: "An anchor or a receipt that was kept elsewhere: the ledger must continue from it.")
  var anchor: String?

  @Flag(help: "Print JSON.")
  var json = false

  struct Result: Encodable, CustomStringConvertible {
    let file: String
    let debits: Int
    let chainLength: Int
    let genesis: String
    let head: String
    /// What it was compared with that was kept elsewhere; absent without anything.
    let continuesFrom: [String]?

    var description: String {
      "\(file): \(debits) debits in \(chainLength) links are whole"
        + (continuesFrom.map { " and continue from the given \($0.joined(separator: " and "))" }
          ?? "") + "; head \(head)"
    }
  }

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
    if let anchor { try statement.check(continuesFrom: AnchorFile.read(anchor)) }
    let compared = [head.map { _ in "head" }, anchor.map { _ in "anchor" }].compactMap(\.self)
    try Terminal.show(
      Result(
        file: path, debits: statement.entries.count, chainLength: statement.chainLength,
        genesis: statement.genesis, head: statement.head,
        continuesFrom: compared.isEmpty ? nil : compared), asJSON: json)
  }
}
