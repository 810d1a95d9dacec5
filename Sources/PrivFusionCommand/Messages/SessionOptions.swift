internal import ArgumentParser

/// The flags that say which session a party takes part in. Everyone gives the same.
struct SessionOptions: ParsableArguments {
  @Option(
    help: """
      A public network of the architecture, such as the one that all started from; by default the \
      model's own operators and constants are stated in the message.
      """)
  var architecture: String?

  @Option(help: "The initialisation that all models started from; then nothing is matched.")
  var commonInit: String?

  @Option(help: "What the parties call this session; another name makes it another session.")
  var session = ""

  @Option(help: "For everything that is not privacy noise; the same for everyone.")
  var seed: UInt64 = 0

  @Flag(
    help: """
      The numbers and texts that the model's graph holds outside its parameters are public, and may \
      be stated as they are.
      """)
  var publicConstants = false
}

/// Where a release is paid.
struct PayingOptions: ParsableArguments {
  @Option(help: "The party's ledger, debited before any noise is drawn; made when there is none.")
  var ledger: String

  @OptionGroup var anchorOptions: AnchorOptions

  @Option(help: "The message to write.")
  var output: String

  @Flag(help: "Pay once more for releases that were interrupted.")
  var payAgain = false

  @Option(help: "A signed receipt to write, of all that the message consists of; see `receipt`.")
  var receipt: String?

  @Flag(help: "Say what would be sent and what it would cost; touch nothing.")
  var plan = false

  @Flag(help: "Print JSON.")
  var json = false

  /// What was kept elsewhere of the ledger.
  var anchor: String? { anchorOptions.anchor }

  func validate() throws {
    guard receipt == nil || !plan else {
      throw ValidationError("--receipt does not go with --plan: a plan releases nothing")
    }
  }

  /// Checks that the outputs can be made, and are none of the files that are read.
  func checkOutputs(besides inputs: [String?]) throws {
    try OutputPlace.checkFile(output, besides: inputs + [ledger, anchor])
    guard let receipt else { return }
    try OutputPlace.checkFile(receipt, besides: inputs + [ledger, anchor, output])
  }
}
