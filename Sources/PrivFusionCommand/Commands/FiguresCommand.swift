internal import ArgumentParser
internal import ClinicalStudies
internal import ModelFormats

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

  @Option(help: "Folder of the folders support2 and ecg5000; their figures are skipped without it.")
  var healthDirectory: String?

  @Option(help: "Folder for trained parties, finished cells and figures.json.")
  var outputDirectory: String

  @Option(
    help: """
      How many seeds each figure is the mean of; those of record-level privacy on Fashion-MNIST \
      always have two, and tuning has two at most.
      """)
  var seeds = 3

  @Option(
    help: """
      Only figures whose name contains this, such as: --only 'n=5 epsilon', --only health, \
      --only support2
      """)
  var only: String?

  @Flag(help: "Leave out the controls.")
  var withoutControls = false

  @Flag(
    help: """
      The accuracies of fusions and of votes alone, with their predictions: leave out matching, \
      normalization, messages, tuning and health.
      """)
  var predictions = false

  @Flag(help: "Print JSON.")
  var json = false

  private struct Figures: Encodable {
    let recordLevel: [RecordFigures.Cell]
    let valueLevel: [ValueFigures.Cell]
    let votes: [VoteFigures.Cell]
    let health: [ClinicalRow]
    let forecasts: [ForecastFigures.Row]
    let matching: [MatchingFigures.Cell]
    let normalization: [NormalizationFigures.Cell]
    let tuning: [TuningFigures.Cell]
    let messages: [MessageFigures.Cell]
  }

  func validate() throws {
    guard seeds > 0 else { throw ValidationError("--seeds must be above 0, got \(seeds)") }
  }

  func run() async throws {
    try OutputPlace.makeFolder(outputDirectory + "/parties")
    let source = try FashionMNIST(directory: dataDirectory)
    let records = try await RecordFigures(source: source, folder: outputDirectory).run(only: only)
    let study = ValueFigures(
      source: source, folder: outputDirectory, seeds: seeds, withoutControls: withoutControls)
    let values = try await study.run(only: only)
    let votes = try await VoteFigures(
      source: source, folder: outputDirectory, seeds: seeds, values: study
    ).run(only: only)
    let matching =
      predictions
      ? []
      : try await MatchingFigures(source: source, folder: outputDirectory, seeds: seeds)
        .run(only: only)
    let normalization =
      predictions
      ? []
      : try await NormalizationFigures(source: source, folder: outputDirectory, seeds: seeds)
        .run(only: only)
    let tuning =
      predictions
      ? []
      : try await TuningFigures(source: source, folder: outputDirectory, seeds: min(seeds, 2))
        .run(only: only)
    let messages =
      predictions
      ? []
      : try await MessageFigures(source: source, folder: outputDirectory, seeds: min(seeds, 2))
        .run(only: only)
    let health = predictions ? [] : try await measuredHealth()
    let forecasts = try ForecastFigures.rows(records: records, values: values, votes: votes)
    let text = try Terminal.jsonText(
      Figures(
        recordLevel: records.flatMap { $0 }, valueLevel: values.flatMap(\.cells),
        votes: votes.flatMap { $0 }, health: health, forecasts: forecasts,
        matching: matching.flatMap { $0 }, normalization: normalization.flatMap { $0 },
        tuning: tuning.flatMap(\.cells), messages: messages.flatMap { $0 }))
    try AtomicFile.write((text + "\n").utf8, to: outputDirectory + "/figures.json")
    if json { return Terminal.result(text) }
    if !records.isEmpty {
      Terminal.result(
        Text.table([RecordFigures.header] + records.map(RecordFigures.line), indent: "") + "\n")
    }
    if !values.isEmpty {
      Terminal.result(
        Text.table(
          [ValueFigures.header] + values.map { study.row($0.figure, $0.cells) }, indent: "") + "\n")
    }
    if !votes.isEmpty {
      Terminal.result(
        Text.table([VoteFigures.header] + votes.map(VoteFigures.line), indent: "") + "\n")
    }
    if !matching.isEmpty {
      Terminal.result(
        Text.table([MatchingFigures.header] + matching.map(MatchingFigures.line), indent: "") + "\n"
      )
    }
    if !normalization.isEmpty {
      Terminal.result(
        Text.table(
          [NormalizationFigures.header] + normalization.map(NormalizationFigures.line), indent: "")
          + "\n")
    }
    for (part, cells) in tuning {
      Terminal.result(
        Text.table([TuningFigures.header] + TuningFigures.rows(part, cells), indent: "") + "\n")
    }
    if !messages.isEmpty {
      Terminal.result(
        Text.table([MessageFigures.header] + messages.flatMap(MessageFigures.rows), indent: "")
          + "\n")
    }
    if !forecasts.isEmpty {
      Terminal.result(
        Text.table([ForecastFigures.header] + forecasts.map(ForecastFigures.line), indent: "")
          + "\n\(ForecastFigures.summary(forecasts))\n")
    }
    if !health.isEmpty { Terminal.result(HealthTable(health).text) }
  }

  /// The figures about health; none where their data are not there.
  private func measuredHealth() async throws -> [ClinicalRow] {
    guard let healthDirectory else { return [] }
    let bar = ProgressBar("health")
    let (rows, missing) = try await HealthFigures.run(
      directory: healthDirectory, output: outputDirectory, seeds: seeds, only: only
    ) { bar.update($1, $0) }
    bar.finish()
    if let note = HealthFigures.note(missing: missing, directory: healthDirectory) {
      Terminal.note(note)
    }
    return rows
  }
}
