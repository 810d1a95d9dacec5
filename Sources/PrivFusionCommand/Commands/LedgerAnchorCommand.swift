internal import ArgumentParser
internal import Foundation
internal import LocalPrivacySQLite

struct LedgerAnchorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "anchor",
    abstract: "Notes where a ledger stands, signed, for keeping elsewhere.",
    discussion: """
      An older copy of a ledger that is put back has forgotten what was spent since, and nothing in \
      the file shows it. It shows against an anchor that is newer than the copy: keep the file on \
      another disk or with somebody else, not in the same backup.

      Give it to `verify --anchor`, and to the commands that spend: they refuse a ledger that does \
      not continue from it, and bring it up to date. An anchor that exists is only replaced by one \
      of a ledger that continues from it.
      """)

  @Argument(help: "A ledger that no process has open.")
  var path: String

  @Option(name: [.short, .long], help: "The anchor to write.")
  var output: String

  @Flag(help: "Print JSON.")
  var json = false

  struct Result: Encodable, CustomStringConvertible {
    let output: String
    let genesis: String
    let head: String
    let chainLength: Int

    var description: String {
      "wrote \(output): \(chainLength) links, head \(head); keep it where the ledger is not"
    }
  }

  func run() throws {
    try OutputPlace.checkFile(output, besides: [path])
    let anchor = try LedgerAnchor(ofLedgerAt: path)
    if FileManager.default.fileExists(atPath: output) {
      let earlier = try AnchorFile.read(output)
      guard case .anchor = earlier.source else {
        throw Failure("\(output): exists and is no anchor; name another file", .cannotCreate)
      }
      try LedgerStatement(ofLedgerAt: path).check(continuesFrom: earlier)
    }
    try AnchorFile.write(anchor, to: output)
    let position = anchor.position
    try Terminal.show(
      Result(
        output: output, genesis: position.genesis, head: position.head,
        chainLength: position.chainLength), asJSON: json)
  }
}
