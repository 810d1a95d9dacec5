internal import ArgumentParser
internal import ModelFormats
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

  @Option(
    help: ArgumentHelp(
      "Inputs to run on just as they are, an array for each input of the model by its name.",
      discussion: """
        For models whose inputs do not all count samples on their first axis, or that choose a part \
        of themselves by what they are given (If): that choice is then made by these inputs.
        """, valueName: "INPUTS.npz"))
  var inputs: String?

  @Option(
    help: ArgumentHelp(
      "The shape of an input that the model leaves open; once for each such input.",
      valueName: "NAME=1,80,32"))
  var shape: [InputShape] = []

  @Option(help: "For the fresh weights and the permutations.")
  var seed: UInt64 = 0

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard [probe != nil, inputs != nil, !shape.isEmpty].filter({ $0 }).count <= 1 else {
      throw ValidationError("give one of --probe, --inputs and --shape, or none")
    }
  }

  func run() throws {
    let file = try ModelFile(model, weights: weights)
    let report = try Failure.about(data: probe ?? inputs ?? model, for: model) {
      try InspectionReport(
        file.graph, file: model, sample: sampleInputs(of: file.graph), seed: seed)
    }
    if json { try Terminal.json(report) } else { Terminal.result(report.text) }
  }

  private func sampleInputs(of graph: ModelGraph) throws -> [String: Tensor] {
    if let probe {
      let all = try DataFile(probe, for: graph).inputs
      return try InputBatches(all, for: graph, batchSize: 2).batches[0]
    }
    guard let inputs else {
      let shapes = Dictionary(shape.map { ($0.name, $0.sizes) }, uniquingKeysWith: { $1 })
      return try graph.sampleInputs(seed: seed, shapes: shapes)
    }
    let archive = try ArrayArchive(contentsOf: inputs)
    return try graph.inputs.reduce(into: [:]) { result, port in
      guard let tensor = archive[port.name] else {
        throw ModelError.missingInput(name: port.name)
      }
      guard tensor.elementType == port.type else {
        throw ModelError.inputType(
          name: port.name, expected: "\(port.type)", found: "\(tensor.elementType)")
      }
      guard port.allows(tensor.shape) else {
        throw ModelError.inputShape(name: port.name, expected: port.shape, found: tensor.shape)
      }
      result[port.name] = tensor
    }
  }
}
