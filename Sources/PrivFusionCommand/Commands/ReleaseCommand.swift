internal import ArgumentParser

struct ReleaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "Writes what a party sends, as files that can be mailed.",
    discussion: """
      Each step of the protocol is one command of one party. First everyone releases a signature and \
      sends it to all; then everyone aligns its neurons to all signatures and releases its weights; \
      then anyone can `combine` the files.

      Nothing leaves a model without the party's ledger: every number is randomised by itself, its \
      loss is on the disk before its noise is drawn, and the same request gives the same bytes.
      """,
    subcommands: [ReleaseSignatureCommand.self, ReleaseWeightsCommand.self])
}
