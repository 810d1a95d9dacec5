internal import ArgumentParser
internal import Foundation
internal import LocalPrivacySQLite
internal import ModelFormats

struct LedgerExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes all that a ledger's chain says as JSON, for whoever checks it.",
    discussion: """
      Limits, debits with their times, units, purposes, mechanisms and losses, which of them have a \
      result, and the hash of every link, from which the chain can be computed again. No key, no \
      private value and no released bytes are in it, but the names of the releases are.
      """)

  @Argument(help: "A ledger that no process has open.")
  var path: String

  @Option(name: [.short, .long], help: "The file to write.")
  var output: String

  func run() throws {
    try OutputPlace.checkFile(output, besides: [path])
    try AtomicFile.write(LedgerExport(ofLedgerAt: path).document, to: output)
    Terminal.note("wrote \(output)")
  }
}
