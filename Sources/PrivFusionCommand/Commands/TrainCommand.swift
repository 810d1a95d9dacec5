internal import ArgumentParser
internal import ModelFormats
internal import Models
internal import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a party's own model. Nothing leaves the party, and nothing is private in it.")

  @Argument(help: ArgumentHelp("The model to start from.", valueName: "ARCHITECTURE.onnx"))
  var architecture: String

  @Option(help: "Inputs and labels 'y', as .npz; or an idx file of images.")
  var data: String

  @Option(help: "Labels, as an idx file, for an idx file of images.")
  var labels: String?

  @Option(help: "The model to write.")
  var output: String

  @Option(help: "Passes over the data.")
  var epochs: Int

  @Option(help: "For the order of the data.")
  var seed: UInt64

  @Option(help: "Samples a step.")
  var batchSize = 64

  @Option(help: "Learning rate at the start; it falls to 0 along a cosine.")
  var learningRate = 1e-3

  func validate() throws {
    guard epochs > 0 else { throw ValidationError("--epochs must be above 0, got \(epochs)") }
    guard batchSize > 0 else {
      throw ValidationError("--batch-size must be above 0, got \(batchSize)")
    }
    guard learningRate > 0, learningRate.isFinite else {
      throw ValidationError("--learning-rate must be finite and above 0, got \(learningRate)")
    }
  }

  func run() throws {
    try OutputPlace.checkFile(output)
    let file = try ModelFile(architecture)
    let examples = try DataFile(data, labels: labels, for: file.graph).labeled()
    let bar = ProgressBar("train")
    let trained = try Failure.about(data: data, for: architecture) {
      _ = try InputBatches(examples.inputs, for: file.graph)
      let trainer = Trainer(
        epochs: epochs, batchSize: batchSize, learningRate: learningRate, seed: seed)
      return try trainer.train(file.graph, on: examples) { step, total, loss in
        bar.update(Double(step) / Double(total), "loss \(Text.decimal(loss, 3))")
      }
    }
    bar.finish()
    try file.model.write(to: output, replacing: trained.parameters)
    Terminal.note("wrote \(output)")
  }
}
