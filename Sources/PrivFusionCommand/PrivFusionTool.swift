internal import ArgumentParser
internal import Tensors

/// `privfusion`: everything that one machine does alone.
@main
struct PrivFusionTool: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "privfusion",
    abstract: "Fuses neural networks of several parties without their data and without a server.",
    discussion: """
      Results go to standard output, progress and words to standard error.

      Exit codes: 0 success; 2 an audit refuted a claim; 64 a wrong call; 65 a file whose contents \
      are wrong, models that do not fit, or a fusion that would be noise; 66 a file that cannot be \
      read; 69 no such device; 70 the engine failed; 73 an output that cannot be written; 130 interrupted (143 when \
      asked to end). No command leaves a partial output behind.
      """,
    version: "0.1.0",
    subcommands: [
      InspectCommand.self, FuseCommand.self, ReleaseCommand.self, CombineCommand.self,
      PlanCommand.self, EvaluateCommand.self, TrainCommand.self, ArchitectureCommand.self,
      FeaturesCommand.self, LedgerCommand.self, ReceiptCommand.self, AccountCommand.self,
      AuditCommand.self, DemoCommand.self, FiguresCommand.self,
    ])

  static func main() async {
    ThreadWaiting.sleepWhenIdle()
    TensorEngine.reuseMemory()
    Interrupt.install()
    do {
      var command = try parseAsRoot()
      try TensorEngine.checkVersion()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      Failure.exit(with: error)
    }
  }
}
