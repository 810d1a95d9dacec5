internal import Evaluation
internal import Foundation
internal import LocalPrivacy
internal import ModelFormats
internal import Models
internal import PrivateTraining
internal import Tensors
internal import Training

/// The record-level figures: every cell is kept in the output folder, so that an interrupted run goes
/// on where it was.
struct RecordFigures {
  let source: FashionMNIST
  let folder: String

  /// One cell, measured.
  struct Cell: Codable {
    let label: String
    let seed: UInt64
    let target: Double
    let row: RecordLevelRow
  }

  /// Measures the figures whose labels contain `only`.
  func run(only: String?) async throws -> [[Cell]] {
    var features: [RecordTrunk: RecordFeatures] = [:]
    var pooled: [String: Double] = [:]
    let data = try source.data(
      for: .cnn(channels: 1, height: 28, width: 28, classes: 10, batchNormalization: false))
    var rows: [[Cell]] = []
    for figure in RecordFigure.all where only.map(figure.label.contains) ?? true {
      var cells: [Cell] = []
      for seed in 0..<RecordFigure.seeds {
        if let cell = kept(figure, seed) {
          cells.append(cell)
          continue
        }
        let bar = ProgressBar(figure.label)
        let seen =
          try features[figure.trunk]
          ?? RecordFeatures(figure.trunk, data, cachedIn: folder, bar: bar)
        features[figure.trunk] = seen
        let study = try seen.study(data, shards: shards(figure, seed, data))
        let key = "\(figure.split.rawValue) \(figure.parties) \(seed)"
        let control = try pooled[key] ?? study.pooledAccuracy()
        pooled[key] = control
        let row = try await study.row(
          epsilon: figure.epsilon, delta: RecordFigure.delta, probe: seen.probe, pooled: control
        ) { bar.update($0, "seed \(seed)") }.row
        bar.finish()
        let cell = Cell(label: figure.label, seed: seed, target: figure.target, row: row)
        try AtomicFile.write(JSONEncoder().encode(cell), to: path(figure, seed))
        cells.append(cell)
      }
      rows.append(cells)
      Terminal.note(Self.line(cells).joined(separator: "  "))
    }
    return rows
  }

  static let header = [
    "Figure", "alone", "released", "ensemble", "FUSED", "target", "difference",
    "pooled, no privacy",
    "unit",
  ]

  /// A line of the table: means over seeds, in percent.
  static func line(_ cells: [Cell]) -> [String] {
    func mean(_ value: (RecordLevelRow) -> Double) -> Double {
      100 * cells.map { value($0.row) }.reduce(0, +) / Double(max(cells.count, 1))
    }
    let fused = mean { $0.fused.accuracy }
    let target = cells.first?.target ?? 0
    return [
      cells.first?.label ?? "", Text.decimal(mean { $0.meanAlone }, 1),
      Text.decimal(
        mean { $0.parties.map(\.accuracy).reduce(0, +) / Double(max($0.parties.count, 1)) }, 1),
      Text.decimal(mean { $0.ensemble.accuracy }, 1), Text.decimal(fused, 1),
      Text.decimal(target, 1), String(format: "%+.1f", fused - target),
      Text.decimal(mean { $0.controls.pooledWithoutPrivacy ?? .nan }, 1),
      "record, delta \(RecordFigure.delta)",
    ]
  }

  private func shards(
    _ figure: RecordFigure, _ seed: UInt64, _ data: StudyData
  ) throws -> [[Int]] {
    let labels: [Int64] = try data.training.labels.elements()
    let dealt = figure.split.split(parties: figure.parties, concentration: 0.5)
      .deal(labels.map { Int($0) }, seed: seed)
    return dealt.prefix(figure.parties).filter { !$0.isEmpty }
  }

  private func path(_ figure: RecordFigure, _ seed: UInt64) -> String {
    let name = "\(figure.label) seed \(seed)".map { $0.isLetter || $0.isNumber ? $0 : "-" }
    return "\(folder)/\(String(name)).json"
  }

  private func kept(_ figure: RecordFigure, _ seed: UInt64) -> Cell? {
    FileManager.default.contents(atPath: path(figure, seed))
      .flatMap { try? JSONDecoder().decode(Cell.self, from: $0) }
  }
}
