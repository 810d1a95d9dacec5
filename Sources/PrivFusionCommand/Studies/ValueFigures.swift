internal import Evaluation
internal import Foundation
internal import ModelFormats
internal import Models
internal import Tensors
internal import Training

/// The value-level figures: every cell, and every trained party, is kept in the output folder, so that
/// an interrupted run goes on where it was.
struct ValueFigures: Sendable {
  let source: FashionMNIST
  let folder: String
  let seeds: Int
  let withoutControls: Bool

  /// One cell, measured.
  struct Cell: Codable, Sendable {
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
    "FUSED", "path", "target", "difference", "student", "target", "difference",
    "composed epsilon per model",
  ]

  /// Measures the figures whose labels contain `only`, a cell a core.
  func run(only: String?) async throws -> [(figure: Figure, cells: [Cell])] {
    let wanted = Figure.all.filter { only.map($0.label.contains) ?? true }
    let seeds = (0..<seeds).map { UInt64($0) }
    let missing = wanted.flatMap { figure in
      seeds.filter { kept(figure, seed: $0) == nil }.map { (figure, $0) }
    }
    if !missing.isEmpty { try await measure(missing) }
    return wanted.map { figure in
      (figure, seeds.compactMap { kept(figure, seed: $0) })
    }
  }

  private func measure(_ missing: [(figure: Figure, seed: UInt64)]) async throws {
    let bar = ProgressBar("value-level")
    // Parties are trained side by side themselves, and several cells share them.
    for (figure, seed) in missing {
      let study = figure.study(seed: seed)
      _ = try await parties(figure, study, source.data(for: study.architecture), bar)
    }
    let seen = missing.contains { $0.figure.epsilon != nil } ? try features(bar) : nil
    try await withThrowingTaskGroup(of: Cell.self) { group in
      var rest = missing[...]
      func begin() {
        guard let (figure, seed) = rest.popFirst() else { return }
        group.addTask { try await measure(figure, seed: seed, seen) }
      }
      for _ in 0..<ProcessInfo.processInfo.activeProcessorCount { begin() }
      var done = 0
      while let cell = try await group.next() {
        done += 1
        bar.update(Double(done) / Double(missing.count), "\(done) of \(missing.count) cells")
        Terminal.note(
          "\(cell.label), seed \(cell.seed): fused \(Text.percent(cell.fused)), "
            + "local \(Text.percent(cell.local))")
        begin()
      }
    }
    bar.finish()
  }

  /// A line of the table: means over seeds, in percent.
  func row(_ figure: Figure, _ cells: [Cell]) -> [String] {
    func mean(_ value: (Cell) -> Double?) -> String {
      let values = cells.compactMap(value)
      guard !values.isEmpty else { return "-" }
      return Text.decimal(100 * values.reduce(0, +) / Double(values.count), 1)
    }
    let fused = 100 * cells.map(\.fused).reduce(0, +) / Double(max(cells.count, 1))
    let students = cells.compactMap(\.student)
    let student = 100 * students.reduce(0, +) / Double(max(students.count, 1))
    return [
      figure.label, mean(\.local), mean(\.ensemble), mean(\.average), mean(\.withoutFilter),
      mean(\.weightsIgnored), mean(\.scratchOnVotes), mean(\.withoutAdapter),
      mean(\.fused), Self.paths(cells),
      figure.target.map { Text.decimal($0, 1) } ?? "-",
      figure.target.map { String(format: "%+.1f", fused - $0) } ?? "-",
      mean(\.student), figure.studentTarget.map { Text.decimal($0, 1) } ?? "-",
      students.isEmpty
        ? "-" : figure.studentTarget.map { String(format: "%+.1f", student - $0) } ?? "-",
      cells.first?.composedBasic.map { Text.epsilon($0) } ?? "-",
    ]
  }

  /// How far the fusions went, with numbers where seeds differ.
  private static func paths(_ cells: [Cell]) -> String {
    let counts = cells.compactMap(\.path).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    guard counts.count > 1 else { return counts.keys.first ?? "-" }
    return counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
  }

  private func path(_ figure: Figure, seed: UInt64) -> String {
    let name = "\(figure.label) seed \(seed)".map { $0.isLetter || $0.isNumber ? $0 : "-" }
    return "\(folder)/\(String(name)).json"
  }

  /// A cell that was measured before, with controls where they are wanted.
  private func kept(_ figure: Figure, seed: UInt64) -> Cell? {
    guard let data = FileManager.default.contents(atPath: path(figure, seed: seed)),
      let cell = try? JSONDecoder().decode(Cell.self, from: data),
      cell.weightsIgnored != nil || withoutControls
    else { return nil }
    return cell
  }

  private func measure(
    _ figure: Figure, seed: UInt64, _ features: RecordFeatures?
  ) async throws -> Cell {
    let study = figure.study(seed: seed)
    let data = try source.data(for: study.architecture, probeCount: figure.probes)
    let models = try await parties(figure, study, data, ProgressBar(figure.label))
    let seen =
      try figure.epsilon == nil
      ? nil
      : features.map {
        StudyFeatures(probe: try $0.probe.slice(0..<figure.probes), test: $0.test)
      }
    let report = try TensorEngine.withThreads(1) {
      try study.report(
        models, data, settings: figure.settings(seed: seed), controls: !withoutControls,
        features: seen
      ) { _, _ in try Task.checkCancellation() }.report
    }
    let own = report.parties.map(\.accuracy)
    let cell = Cell(
      label: figure.label, seed: seed, local: own.reduce(0, +) / Double(own.count),
      ensemble: report.ensemble.accuracy, average: report.average.accuracy,
      withoutFilter: report.fused.withoutFilter, withoutAdapter: report.fused.withoutAdapter,
      fused: report.fused.accuracy, path: report.fused.path,
      weightsIgnored: report.controls?.weightsIgnored,
      scratchOnVotes: report.controls?.scratchOnVotes,
      composedBasic: report.epsilon?.composedBasic, student: report.student?.accuracy)
    try AtomicFile.write(JSONEncoder().encode(cell), to: path(figure, seed: seed))
    return cell
  }

  /// Public features of the probe and of the test images.
  private func features(_ bar: ProgressBar) throws -> RecordFeatures {
    let data = try source.data(
      for: .cnn(channels: 1, height: 28, width: 28, classes: 10, batchNormalization: false))
    return try RecordFeatures(.fine, data, cachedIn: folder, bar: bar)
  }

  /// The parties' models, trained once for all figures that share them.
  func parties(
    _ figure: Figure, _ study: FusionStudy, _ data: StudyData, _ bar: ProgressBar
  ) async throws -> [ModelGraph] {
    try await StudyParties(folder: folder).models(
      of: figure.network, study, data, bar)
  }
}
