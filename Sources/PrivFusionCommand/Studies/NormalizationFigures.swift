internal import Evaluation
internal import Foundation
internal import ModelFormats
internal import Models
internal import PrivFusion
internal import Tensors
internal import Training

/// Ways of normalising an average, compared: every cell is kept in the output folder, so that an
/// interrupted run goes on where it was.
struct NormalizationFigures {
  let source: FashionMNIST
  let folder: String
  let seeds: Int

  struct Line {
    let network: StudyNetwork
    let parties: Int
    /// `nil` when nothing is randomised.
    let epsilon: Double?

    var label: String {
      "normalization \(network.rawValue) n=\(parties) "
        + (epsilon.map { "epsilon \($0)" } ?? "no noise")
    }

    static let all: [Line] = StudyNetwork.allCases.flatMap { network in
      [2, 5].map { Line(network: network, parties: $0, epsilon: nil) }
        + [Line(network: network, parties: 5, epsilon: 4)]
    }
  }

  /// One cell, measured: test accuracies of the same matched average.
  struct Cell: Codable {
    let label: String
    let seed: UInt64
    /// By ``Normalization``; statistics are absent without batch normalisation.
    let accuracies: [String: Double]
    /// What `auto` took.
    let chosen: String
    /// With the filter instead.
    let filter: Double
  }

  private static let ways = [Normalization.none, .statistics, .repair, .dataFree, .auto]
  static let header = ["Normalization"] + ways.map(\.rawValue) + ["filter", "auto took"]

  /// Measures the lines whose labels contain `only`.
  func run(only: String?) async throws -> [[Cell]] {
    var rows: [[Cell]] = []
    for line in Line.all where only.map(line.label.contains) ?? true {
      var cells: [Cell] = []
      for seed in 0..<UInt64(seeds) { cells.append(try await cell(line, seed: seed)) }
      rows.append(cells)
      Terminal.note(Self.line(cells).joined(separator: "  "))
    }
    return rows
  }

  /// A line of the table: means over seeds, in percent.
  static func line(_ cells: [Cell]) -> [String] {
    func mean(_ value: (Cell) -> Double?) -> String {
      let values = cells.compactMap(value)
      guard !values.isEmpty else { return "-" }
      return Text.decimal(100 * values.reduce(0, +) / Double(values.count), 1)
    }
    return [cells.first?.label ?? ""] + ways.map { way in mean { $0.accuracies[way.rawValue] } }
      + [mean(\.filter), cells.map(\.chosen).joined(separator: ", ")]
  }

  private func cell(_ line: Line, seed: UInt64) async throws -> Cell {
    let name = "\(line.label) seed \(seed)".map { $0.isLetter || $0.isNumber ? $0 : "-" }
    let path = "\(folder)/\(String(name)).json"
    if let data = FileManager.default.contents(atPath: path),
      let cell = try? JSONDecoder().decode(Cell.self, from: data)
    {
      return cell
    }
    let study = FusionStudy(
      architecture: line.network.architecture,
      split: SplitKind.iid.split(parties: line.parties, concentration: 0.5), parties: line.parties,
      epochs: line.network.epochs, seed: seed)
    let data = try source.data(for: study.architecture)
    let bar = ProgressBar(line.label)
    let models = try await StudyParties(folder: folder).models(of: line.network, study, data, bar)
    let graph = try study.untrained()
    let shared = try SharedArchitecture(graph, probe: data.probe, seed: seed)
    var settings = FusionSettings(
      disclosure: line.epsilon.map { .randomized(epsilon: $0, voteEpsilon: 2 * $0) } ?? .open,
      matching: shared.recommendedMatching(isPrivate: line.epsilon != nil), seed: seed)
    settings.keepsMessages = true
    let outcome = try FusionSession(shared, settings: settings).run(
      models.map { PartyModel(name: "", parameters: $0.parameters) }
    ) { bar.update($1, $0.rawValue) }
    func accuracy(_ parameters: [String: Tensor]) throws -> Double {
      try ModelScore(
        probabilities: Predictor(graph.replacing(parameters)).probabilities(data.test.inputs),
        labels: data.test.labels
      ).accuracy
    }
    guard let messages = outcome.messages else {
      throw Failure("the messages of \(line.label) were not kept", .software)
    }
    var accuracies: [String: Double] = [:]
    var chosen = Normalization.none
    for way in Self.ways where way != .statistics || shared.hasBatchNormalization {
      let normalized = try messages.outcome {
        $0.usesFilter = false
        $0.normalization = way
      }
      accuracies[way.rawValue] = try accuracy(normalized.fused)
      if way == .auto { chosen = normalized.normalization?.method ?? .none }
    }
    bar.finish()
    let cell = Cell(
      label: line.label, seed: seed, accuracies: accuracies, chosen: chosen.rawValue,
      filter: try accuracy(outcome.fused))
    try AtomicFile.write(JSONEncoder().encode(cell), to: path)
    return cell
  }
}
