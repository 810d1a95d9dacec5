internal import ArgumentParser
internal import Evaluation
internal import Models
internal import Tensors
internal import Training

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measures models on labelled data: accuracy, cross-entropy, calibration, confusion.",
    discussion: """
      With several models their ensemble, the mean of probabilities, is measured too. With --names and \
      --label-names outputs and labels are compared by name; a class that a model does not know has \
      probability 0 in it.
      """)

  @Argument(help: ArgumentHelp("ONNX files.", valueName: "MODEL.onnx"))
  var models: [String]

  @Option(
    help: ArgumentHelp(
      "Weights of the models, in order: safetensors files, or .json indices of several.",
      valueName: "FILE"))
  var weights: [String] = []

  @Option(help: "Inputs and labels 'y', as .npz; or an idx file of images.")
  var data: String

  @Option(help: "Labels, as an idx file, for an idx file of images.")
  var labels: String?

  @OptionGroup(title: "Models of different classes") var names: LabelNameOptions
  @OptionGroup var device: DeviceOptions

  @Flag(help: "Print JSON.")
  var json = false

  private struct Report: Encodable {
    struct Model: Encodable {
      let file: String
      let accuracy: Double
      let crossEntropy: Double
      let calibrationError: Double
      let confusion: [[Int]]

      init(_ file: String, _ score: ModelScore) {
        self.file = file
        accuracy = score.accuracy
        crossEntropy = score.crossEntropy
        calibrationError = score.calibrationError
        confusion = score.confusion
      }
    }

    let models: [Model]
    let ensemble: Model
  }

  func run() throws {
    try device.use()
    let classes = try names.columns(of: models)
    let pairs = try WeightOptions.pairs(models, weights)
    let bar = ProgressBar("evaluate")
    var scores: [Report.Model] = []
    var sum: Tensor?
    var truth: Tensor?
    for (index, pair) in pairs.enumerated() {
      bar.update(Double(index) / Double(pairs.count), pair.weights ?? pair.model)
      let file = try ModelFile(pair.model, weights: pair.weights)
      let path = file.label
      let examples = try DataFile(data, labels: labels, for: file.graph).labeled()
      let (probabilities, score) = try Failure.about(data: data, for: path) {
        var probabilities = try Predictor(file.graph).probabilities(examples.inputs)
        if let classes { probabilities = try classes[index].arranged(probabilities) }
        return (
          probabilities, try ModelScore(probabilities: probabilities, labels: examples.labels)
        )
      }
      scores.append(Report.Model(path, score))
      sum =
        try sum.map {
          guard $0.shape == probabilities.shape else {
            throw Failure(
              "\(path): has \(probabilities.shape[1]) classes, \(models[0]) has "
                + "\($0.shape[1]); only models of the same classes make an ensemble", .data)
          }
          return try $0.adding(probabilities)
        } ?? probabilities
      truth = examples.labels
    }
    bar.finish()
    guard let sum, let truth else { return }
    let ensemble = try ModelScore(
      probabilities: sum.divided(by: Double(pairs.count)), labels: truth)
    let report = Report(models: scores, ensemble: Report.Model("ensemble", ensemble))
    if json { try Terminal.json(report) } else { Terminal.result(text(report)) }
  }

  private func text(_ report: Report) -> String {
    var rows = [["Model", "Accuracy", "Cross-entropy", "Calibration error"]]
    for model in report.models + (report.models.count > 1 ? [report.ensemble] : []) {
      rows.append([
        model.file, Text.percent(model.accuracy), Text.decimal(model.crossEntropy, 4),
        Text.decimal(model.calibrationError, 4),
      ])
    }
    var parts = [Text.table(rows, indent: "")]
    for model in report.models {
      let counts = model.confusion.map { $0.map(String.init) }
      parts.append("Confusion of \(model.file): a row a true class, a column a predicted one")
      parts.append(Text.table(counts))
    }
    return parts.joined(separator: "\n\n")
  }
}
