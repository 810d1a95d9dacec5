internal import ArgumentParser

struct ReceiptShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Says in a few lines what a receipt states.",
    discussion: """
      A receipt whose signature or losses do not hold is refused. The file itself is JSON to be read \
      as it is; --json prints these lines for machines.
      """)

  @Argument(help: ArgumentHelp("The receipt.", valueName: "FILE"))
  var path: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    try Terminal.show(ReceiptReport(ReceiptFile(path)), asJSON: json)
  }
}
