internal import Evaluation
internal import Foundation
internal import ModelFormats
internal import Models
internal import Tensors
internal import Training

/// The value-level figures: every cell, and every trained party, is kept in the output folder, so that
/// an interrupted run goes on where it was.
struct ValueFigures {
  let source: FashionMNIST
  let folder: String
  let seeds: Int
  let withoutControls: Bool

  /// One cell, measured.
  struct Cell: Codable {
    let label: String
    let seed: UInt64
    let local: Double
    let ensemble: Double
    let average: Double
    let withoutFilter: Double
    let withoutAdapter: Double?
    let fused: Double
    /// How far the fusion went.
    let path: String?
    let weightsIgnored: Double?
    let scratchOnVotes: Double?
    let composedBasic: Double?
    /// The votes' student on public features; absent without noise.
    let student: Double?
  }

  static let header = [
    "Figure", "local", "ensemble", "average", "no filter", "control A", "control B", "no adapter",
    "FUSED", "path", "target", "difference", "student", "target", "composed epsilon",
  ]

  /// Measures the figures whose labels contain `only`.
  func run(only: String?) async throws -> [(figure: Figure, cells: [Cell])] {
    var rows: [(figure: Figure, cells: [Cell])] = []
    for figure in Figure.all where only.map(figure.label.contains) ?? true {
      var cells: [Cell] = []
      for seed in 0..<UInt64(seeds) { cells.append(try await cell(figure, seed: seed)) }
      rows.append((figure, cells))
      Terminal.note(row(figure, cells).joined(separator: "  "))
    }
    return rows
  }

  /// A line of the table: means over seeds, in percent.
  func row(_ figure: Figure, _ cells: [Cell]) -> [String] {
    func mean(_ value: (Cell) -> Double?) -> String {
      let values = cells.compactMap(value)
      guard !values.isEmpty else { return "-" }
      return Text.decimal(100 * values.reduce(0, +) / Double(values.count), 1)
    }
    let fused = 100 * cells.map(\.fused).reduce(0, +) / Double(max(cells.count, 1))
    return [
      figure.label, mean(\.local), mean(\.ensemble), mean(\.average), mean(\.withoutFilter),
      mean(\.weightsIgnored), mean(\.scratchOnVotes), mean(\.withoutAdapter),
      mean(\.fused), Self.paths(cells),
      figure.target.map { Text.decimal($0, 1) } ?? "-",
      figure.target.map { String(format: "%+.1f", fused - $0) } ?? "-",
      mean(\.student), figure.studentTarget.map { Text.decimal($0, 1) } ?? "-",
      cells.first?.composedBasic.map { Text.epsilon($0) } ?? "-",
    ]
  }

  /// How far the fusions went, with numbers where seeds differ.
  private static func paths(_ cells: [Cell]) -> String {
    let counts = cells.compactMap(\.path).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    guard counts.count > 1 else { return counts.keys.first ?? "-" }
    return counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
  }

  private func cell(
    _ figure: Figure, seed: UInt64
  ) async throws -> Cell {
    let name = "\(figure.label) seed \(seed)".map { $0.isLetter || $0.isNumber ? $0 : "-" }
    let path = "\(folder)/\(String(name)).json"
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
      models, data, settings: figure.settings(seed: seed), controls: !withoutControls,
      features: figure.epsilon == nil ? nil : features(probes: figure.probes, bar)
    ) { bar.update($1, "seed \(seed): \($0)") }
    bar.finish()
    let own = report.parties.map(\.accuracy)
    let cell = Cell(
      label: figure.label, seed: seed, local: own.reduce(0, +) / Double(own.count),
      ensemble: report.ensemble.accuracy, average: report.average.accuracy,
      withoutFilter: report.fused.withoutFilter, withoutAdapter: report.fused.withoutAdapter,
      fused: report.fused.accuracy, path: report.fused.path,
      weightsIgnored: report.controls?.weightsIgnored,
      scratchOnVotes: report.controls?.scratchOnVotes,
      composedBasic: report.epsilon?.composedBasic, student: report.student?.accuracy)
    try AtomicFile.write(JSONEncoder().encode(cell), to: path)
    return cell
  }

  /// Public features of the probe's first images and of the test images.
  private func features(probes: Int, _ bar: ProgressBar) throws -> StudyFeatures {
    let data = try source.data(
      for: .cnn(channels: 1, height: 28, width: 28, classes: 10, batchNormalization: false))
    let seen = try RecordFeatures(.fine, data, cachedIn: folder, bar: bar)
    return StudyFeatures(probe: try seen.probe.slice(0..<probes), test: seen.test)
  }

  /// The parties' models, trained once for all figures that share them.
  func parties(
    _ figure: Figure, _ study: FusionStudy, _ data: StudyData, _ bar: ProgressBar
  ) async throws -> [ModelGraph] {
    try await StudyParties(folder: folder).models(
      of: figure.network, study, data, bar)
  }
}
