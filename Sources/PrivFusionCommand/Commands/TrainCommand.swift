internal import ArgumentParser
internal import ModelFormats
internal import Models
internal import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a party's own model, with record-level privacy where that is asked for.",
    discussion: """
      With --trunk, a linear head on public features (see `features`) is trained with \
      record-level privacy: two data sets that differ in one record can hardly be told apart from \
      the model, by anyone. With --architecture and --record-epsilon, a whole network is (DP-SGD). \
      The loss is debited in the party's ledger before training, and a signed certificate travels \
      in the model's metadata.

      The network or trunk to start from must be public: nothing protects what it has learnt. With \
      an architecture alone nothing is private: the model must not leave the party as it is.
      """)

  @Argument(help: ArgumentHelp("The network to start from.", valueName: "ARCHITECTURE.onnx"))
  var start: String?

  @Option(help: "The network to start from; the same as the argument.")
  var architecture: String?

  @Option(help: "Public features to train a head on.")
  var trunk: String?

  @Option(help: "Inputs and labels 'y', as .npz; or an idx file of images.")
  var data: String

  @Option(help: "Labels, as an idx file, for an idx file of images.")
  var labels: String?

  @Option(help: "The model to write.")
  var output: String

  @Option(help: "Passes over the data; not with --trunk.")
  var epochs: Int?

  @Option(help: "For the order of the data, where nothing is private.")
  var seed: UInt64?

  @Option(help: "Samples a step; their expected number with --record-epsilon.")
  var batchSize: Int?

  @Option(help: "Learning rate at the start; it falls to 0 along a cosine.")
  var learningRate: Double?

  @OptionGroup(title: "Record-level privacy") var privacy: RecordPrivacyOptions

  @Flag(help: "Print JSON, with --record-epsilon.")
  var json = false

  func validate() throws {
    guard [start, architecture, trunk].compactMap(\.self).count == 1 else {
      throw ValidationError("give one of ARCHITECTURE.onnx, --architecture and --trunk")
    }
    if let epochs, epochs < 1 { throw ValidationError("--epochs must be above 0, got \(epochs)") }
    if let batchSize, batchSize < 1 {
      throw ValidationError("--batch-size must be above 0, got \(batchSize)")
    }
    // Steps beyond the limit could take weights out of the range of `float32`, after the debit.
    if let learningRate, !(learningRate > 0 && learningRate <= 1e6) {
      throw ValidationError(
        "--learning-rate must be above 0 and at most 1000000, got \(learningRate)")
    }
    if trunk != nil {
      guard privacy.isAsked else {
        throw ValidationError("--trunk needs --record-epsilon, --delta and --ledger")
      }
      guard epochs == nil, batchSize == nil, seed == nil else {
        throw ValidationError(
          "--epochs, --batch-size and --seed do not go with --trunk: a head takes all records in "
            + "every step")
      }
    } else {
      guard epochs != nil || privacy.isAsked else { throw ValidationError("give --epochs") }
      guard seed == nil || !privacy.isAsked else {
        throw ValidationError(
          "--seed does not go with --record-epsilon: records are sampled in secret")
      }
      guard privacy.classes == nil, privacy.parties == nil else {
        throw ValidationError("--classes and --parties are for --trunk")
      }
      guard privacy.isAsked || seed != nil else {
        throw ValidationError("give --seed: it decides the order of the data")
      }
    }
  }

  func run() throws {
    // Refuses a wrong epsilon or delta before anything is read.
    if privacy.isAsked { _ = try privacy.budget() }
    try OutputPlace.checkFile(output, besides: [data, trunk, privacy.ledger, privacy.anchor])
    if let receipt = privacy.receipt {
      try OutputPlace.checkFile(
        receipt,
        besides: [
          data, labels, start, architecture, trunk, privacy.ledger, privacy.anchor,
          output,
        ])
    }
    if let trunk {
      try show(
        HeadTraining(
          trunk: trunk, data: data, labels: labels, output: output, rate: learningRate,
          privacy: privacy
        ).run())
    } else if let start = start ?? architecture {
      guard privacy.isAsked else { return try trainOpenly(start, epochs: epochs ?? 1) }
      try show(
        NetworkTraining(
          architecture: start, data: data, labels: labels, output: output, epochs: epochs,
          batchSize: batchSize, rate: learningRate, privacy: privacy
        ).run())
    }
  }

  private func show(_ result: RecordRelease.Result) throws {
    if json { try Terminal.json(result) } else { Terminal.result(result.description) }
  }

  private func trainOpenly(_ start: String, epochs: Int) throws {
    let file = try ModelFile(start)
    let examples = try DataFile(data, labels: labels, for: file.graph).labeled()
    let bar = ProgressBar("train")
    let trained = try Failure.about(data: data, for: start) {
      _ = try InputBatches(examples.inputs, for: file.graph)
      let trainer = Trainer(
        epochs: epochs, batchSize: batchSize ?? 64, learningRate: learningRate ?? 1e-3,
        seed: seed ?? 0)
      return try trainer.train(file.graph, on: examples) { step, total, loss in
        bar.update(Double(step) / Double(total), "loss \(Text.decimal(loss, 3))")
      }
    }
    bar.finish()
    try file.model.write(
      to: output, replacing: trained.parameters, metadata: PrivacyNotes.trainedOpenly)
    Terminal.note("wrote \(output)")
  }
}
