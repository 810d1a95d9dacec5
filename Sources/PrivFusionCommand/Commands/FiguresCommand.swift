internal import ArgumentParser
internal import Evaluation
internal import Foundation
internal import ModelFormats
internal import Models
internal import Training

struct FiguresCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figures",
    abstract: "Measures the figures of the method beside their targets.",
    discussion: """
      Each cell is a fusion of parties trained on Fashion-MNIST; trained parties and finished cells \
      are kept in the output folder, so that an interrupted run goes on where it was.
      """)

  @Option(help: "Folder of the four Fashion-MNIST files.")
  var dataDirectory: String

  @Option(help: "Folder for trained parties, finished cells and figures.json.")
  var outputDirectory: String

  @Option(help: "How many seeds each figure is the mean of.")
  var seeds = 3

  @Option(help: "Only figures whose name contains this, such as: --only 'n=5 epsilon'")
  var only: String?

  @Flag(help: "Leave out the controls.")
  var withoutControls = false

  @Flag(help: "Print JSON.")
  var json = false

  private struct Cell: Codable {
    let label: String
    let seed: UInt64
    let local: Double
    let ensemble: Double
    let average: Double
    let withoutFilter: Double
    let fused: Double
    let weightsIgnored: Double?
    let scratchOnVotes: Double?
    let composedBasic: Double?
  }

  func validate() throws {
    guard seeds > 0 else { throw ValidationError("--seeds must be above 0, got \(seeds)") }
  }

  func run() async throws {
    try OutputPlace.makeFolder(outputDirectory + "/parties")
    let source = try FashionMNIST(directory: dataDirectory)
    let figures = Figure.all.filter { only.map($0.label.contains) ?? true }
    var cells: [[Cell]] = []
    for figure in figures {
      var row: [Cell] = []
      for seed in 0..<UInt64(seeds) { row.append(try await cell(figure, seed: seed, source)) }
      cells.append(row)
      if !json, let last = cells.last {
        Terminal.note(self.row(figure, last).joined(separator: "  "))
      }
    }
    if json {
      try Terminal.json(cells.flatMap { $0 })
    } else {
      let header = [
        "Figure", "local", "ensemble", "average", "no filter", "control A", "control B", "FUSED",
        "target", "difference", "composed epsilon",
      ]
      Terminal.result(Text.table([header] + zip(figures, cells).map { row($0, $1) }, indent: ""))
    }
    let text = try Terminal.jsonText(cells.flatMap { $0 })
    try AtomicFile.write((text + "\n").utf8, to: outputDirectory + "/figures.json")
  }

  private func row(_ figure: Figure, _ cells: [Cell]) -> [String] {
    func mean(_ value: (Cell) -> Double?) -> String {
      let values = cells.compactMap(value)
      guard !values.isEmpty else { return "-" }
      return Text.decimal(100 * values.reduce(0, +) / Double(values.count), 1)
    }
    let fused = 100 * cells.map(\.fused).reduce(0, +) / Double(max(cells.count, 1))
    return [
      figure.label, mean(\.local), mean(\.ensemble), mean(\.average), mean(\.withoutFilter),
      mean(\.weightsIgnored), mean(\.scratchOnVotes), mean(\.fused),
      figure.target.map { Text.decimal($0, 1) } ?? "-",
      figure.target.map { String(format: "%+.1f", fused - $0) } ?? "-",
      cells.first?.composedBasic.map { Text.epsilon($0) } ?? "-",
    ]
  }

  private func cell(
    _ figure: Figure, seed: UInt64, _ source: FashionMNIST
  ) async throws -> Cell {
    let name = "\(figure.label) seed \(seed)".map { $0.isLetter || $0.isNumber ? $0 : "-" }
    let path = "\(outputDirectory)/\(String(name)).json"
    if let data = FileManager.default.contents(atPath: path),
      let cell = try? JSONDecoder().decode(Cell.self, from: data),
      cell.weightsIgnored != nil || withoutControls
    {
      return cell
    }
    let study = figure.study(seed: seed)
    let data = try source.data(for: study.architecture, probeCount: figure.probes)
    let bar = ProgressBar(figure.label)
    let models = try await parties(figure, study, data, bar)
    let (report, _) = try study.report(
      models, data, settings: figure.settings(seed: seed), controls: !withoutControls
    ) { bar.update($1, "seed \(seed): \($0)") }
    bar.finish()
    let own = report.parties.map(\.accuracy)
    let cell = Cell(
      label: figure.label, seed: seed, local: own.reduce(0, +) / Double(own.count),
      ensemble: report.ensemble.accuracy, average: report.average.accuracy,
      withoutFilter: report.fused.withoutFilter, fused: report.fused.accuracy,
      weightsIgnored: report.controls?.weightsIgnored,
      scratchOnVotes: report.controls?.scratchOnVotes,
      composedBasic: report.epsilon?.composedBasic)
    try AtomicFile.write(JSONEncoder().encode(cell), to: path)
    return cell
  }

  /// The parties' models, trained once for all figures that share them.
  private func parties(
    _ figure: Figure, _ study: FusionStudy, _ data: StudyData, _ bar: ProgressBar
  ) async throws -> [ModelGraph] {
    let paths = (0..<study.parties).map { party in
      "\(outputDirectory)/parties/\(figure.network.rawValue)-\(figure.split.rawValue)"
        + "-seed\(study.seed)-party\(party).onnx"
    }
    if paths.allSatisfy({ FileManager.default.fileExists(atPath: $0) }) {
      let graph = try study.untrained()
      return try paths.map { graph.replacing(try ONNXModel(contentsOf: $0).graph.initializers) }
    }
    let models = try await study.trainParties(data) { bar.update($0, "train parties") }
    for (path, model) in zip(paths, models) {
      try ONNXModel(graph: model, producer: "privfusion").write(to: path)
    }
    return models
  }
}
