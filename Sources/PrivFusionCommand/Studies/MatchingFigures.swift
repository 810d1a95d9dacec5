internal import Evaluation
internal import Foundation
internal import ModelFormats
internal import Models
internal import PrivFusion
internal import Tensors
internal import Training

/// What neurons are matched by, compared: every cell is kept in the output folder, so that an
/// interrupted run goes on where it was.
struct MatchingFigures {
  let source: FashionMNIST
  let folder: String
  let seeds: Int

  /// What is matched in one line of the table.
  struct Line {
    let network: StudyNetwork
    let parties: Int
    let matching: FusionSettings.Matching
    /// `nil` when nothing is randomised.
    let epsilon: Double?

    var label: String {
      "matching \(network.rawValue) n=\(parties) "
        + (epsilon.map { "epsilon \($0) " } ?? "no noise ") + matching.rawValue
    }

    static let all: [Line] = StudyNetwork.allCases.flatMap { network in
      [2, 3, 5, 10].flatMap { parties in
        [FusionSettings.Matching.activations, .weights, .both, .joint].map {
          Line(network: network, parties: parties, matching: $0, epsilon: nil)
        }
      } + [Line(network: network, parties: 5, matching: .activations, epsilon: 4)]
    }
  }

  /// One cell, measured.
  struct Cell: Codable {
    let label: String
    let seed: UInt64
    /// As a share of what the norms allow; absent under noise, as is all that follows up to seconds.
    let objective: Double?
    let cycleError: Double?
    let pairwiseCycleError: Double?
    /// Of the matching alone.
    let seconds: Double
    let withoutFilter: Double
    let fused: Double
  }

  static let header = [
    "Matching", "objective", "cycle error", "by pairs", "seconds", "no filter", "filter",
  ]

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

  /// A line of the table: means over seeds; accuracies and cycle errors in percent.
  static func line(_ cells: [Cell]) -> [String] {
    func mean(_ scale: Double, _ digits: Int, _ value: (Cell) -> Double?) -> String {
      let values = cells.compactMap(value)
      guard !values.isEmpty else { return "-" }
      return Text.decimal(scale * values.reduce(0, +) / Double(values.count), digits)
    }
    return [
      cells.first?.label ?? "", mean(1, 4, \.objective), mean(100, 1, \.cycleError),
      mean(100, 1, \.pairwiseCycleError), mean(1, 2, \.seconds), mean(100, 1, \.withoutFilter),
      mean(100, 1, \.fused),
    ]
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
    let models = try await StudyParties(folder: folder).models(
      of: line.network, study, data, bar)
    // Without the adapter, which would hide what the matching is worth.
    let settings = FusionSettings(
      disclosure: line.epsilon.map { .randomized(epsilon: $0, voteEpsilon: 2 * $0) } ?? .open,
      matching: line.matching, seed: seed)
    let graph = try study.untrained()
    let shared = try SharedArchitecture(graph, probe: data.probe, seed: seed)
    let session = try FusionSession(shared, settings: settings)
    let parties = models.enumerated().map { index, model in
      PartyModel(name: "party \(index + 1)", parameters: model.parameters)
    }
    let outcome = try session.run(parties) { bar.update($1, $0.rawValue) }
    let report = try line.epsilon == nil ? session.matchingReport(parties) : nil
    func accuracy(_ parameters: [String: Tensor]) throws -> Double {
      let probabilities = try Predictor(graph.replacing(parameters))
        .probabilities(data.test.inputs)
      return try ModelScore(probabilities: probabilities, labels: data.test.labels).accuracy
    }
    guard let withoutFilter = outcome.withoutFilter else {
      preconditionFailure("the settings are to keep every stage")
    }
    let matched = outcome.seconds.first { $0.phase == .match }?.duration ?? .zero
    let cell = Cell(
      label: line.label, seed: seed, objective: report?.objective, cycleError: report?.cycleError,
      pairwiseCycleError: report?.pairwiseCycleError, seconds: matched.seconds,
      withoutFilter: try accuracy(withoutFilter), fused: try accuracy(outcome.fused))
    bar.finish()
    try AtomicFile.write(JSONEncoder().encode(cell), to: path)
    return cell
  }
}
