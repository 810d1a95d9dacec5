internal import ArgumentParser
internal import Foundation
internal import LocalPrivacy
internal import LocalPrivacySQLite
internal import ModelFormats

struct ReceiptCreateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Makes a receipt of releases that a ledger holds, past ones too.",
    discussion: """
      The ledger is read and nothing is spent. A receipt is about released values, several of them \
      if need be, or about one training on records. `privfusion ledger show` lists entries and names.
      """)

  @Argument(help: ArgumentHelp("A ledger that no process has open.", valueName: "LEDGER"))
  var ledger: String

  @Option(
    parsing: .unconditionalSingleValue,
    help: "The number of the release's debit; repeat it for several.")
  var entry: [Int] = []

  @Option(
    parsing: .unconditionalSingleValue, help: "The release's name; repeat it for several.")
  var name: [String] = []

  @Option(
    parsing: .unconditional,
    help: """
      The delta at which losses of values are composed beside their pure sum; 0 for the sum alone \
      (default: the ledger's own for a whole model, else 1e-05).
      """)
  var delta: Double?

  @Option(
    name: [.customShort("o"), .long], help: "The file to write (default: standard output).")
  var output: String?

  func validate() throws {
    guard entry.isEmpty != name.isEmpty else {
      throw ValidationError("say which releases, with --entry or with --name")
    }
    if let wrong = entry.first(where: { $0 < 1 }) {
      throw ValidationError("--entry must be at least 1, got \(wrong)")
    }
    if let delta, !(delta >= 0 && delta < 1) {
      throw ValidationError("--delta must be at least 0 and below 1, got \(delta)")
    }
  }

  func run() throws {
    if let output { try OutputPlace.checkFile(output, besides: [ledger]) }
    let subject: ReceiptSubject =
      name.isEmpty ? .entries(entry.map { EntryID($0) }) : .names(name)
    let stated = try delta ?? LedgerStatement(ofLedgerAt: ledger).limits.receiptDelta
    let receipt = try DurableLedger.receipt(for: subject, ofLedgerAt: ledger, delta: stated)
    guard let output else { return Terminal.write(receipt.text, to: .standardOutput) }
    try AtomicFile.write(Array(receipt.text.utf8), to: output)
    Terminal.note("wrote \(output)")
  }
}
