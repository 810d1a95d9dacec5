internal import ArgumentParser
internal import Models
internal import Tensors

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows a model's layers, parameters and permutation groups, and checks the groups.",
    discussion: """
      The groups are derived from the graph and then proved: with fresh weights in double \
      precision, permuting all groups must leave the outputs as they are, and leaving out any \
      single axis of any group must not. A group that fails is not proved and is never permuted.
      """)

  @Argument(help: ArgumentHelp("An ONNX file.", valueName: "MODEL.onnx"))
  var model: String

  @Option(help: "Its weights: a safetensors file, or the .json index of several.")
  var weights: String?

  @Option(
    help: "Inputs to take shapes from, where the model leaves sizes open other than the batch.")
  var probe: String?

  @Option(help: "For the fresh weights and the permutations.")
  var seed: UInt64 = 0

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let file = try ModelFile(model, weights: weights)
    let report = try Failure.about(data: probe ?? model, for: model) {
      let inputs = try probe.map { try DataFile($0, for: file.graph).inputs }
      return try InspectionReport(file.graph, file: model, inputs: inputs, seed: seed)
    }
    if json { try Terminal.json(report) } else { Terminal.result(report.text) }
  }
}
