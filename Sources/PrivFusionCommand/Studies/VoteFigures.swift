internal import Evaluation
internal import Foundation
internal import LocalPrivacy
internal import ModelFormats
internal import Models
internal import PrivFusion
internal import Tensors
internal import Training

/// The figures of votes whose unit is the whole model: every cell, and what trained parties say, is
/// kept in the output folder, so that an interrupted run goes on where it was.
struct VoteFigures {
  let source: FashionMNIST
  let folder: String
  let seeds: Int
  /// Trains the parties that the value-level figures have too.
  let values: ValueFigures

  /// One cell, measured: means over draws of the noise.
  struct Cell: Codable {
    let label: String
    let seed: UInt64
    let draws: Int
    let parties: Int
    /// What the loss protects, always "model".
    let unit: String
    /// The pure loss of all answers of a party, composed and rounded up.
    let composedEpsilon: Double
    let epsilonPerAnswer: Double
    let answersPerParty: Int
    let clusters: Int
    let mechanism: String
    let predicted: Double
    let local: Double
    /// Of the decoded votes, on the probe.
    let decoded: Double
    /// Of the head that the votes taught, on the test images.
    let student: Double
    let target: Double?
  }

  static let header = [
    "Figure", "unit", "composed epsilon", "answers", "of", "epsilon each", "local", "predicted",
    "decoded", "STUDENT", "target", "difference",
  ]

  /// Measures the figures whose labels contain `only`.
  func run(only: String?) async throws -> [[Cell]] {
    var rows: [[Cell]] = []
    for figure in VoteFigure.byBudget + VoteFigure.dealt
    where only.map(figure.label.contains) ?? true {
      var cells: [Cell] = []
      for seed in 0..<UInt64(seeds) { cells.append(try await cell(figure, seed: seed)) }
      rows.append(cells)
      Terminal.note(Self.line(cells).joined(separator: "  "))
    }
    return rows
  }

  /// A line of the table: means over seeds, in percent.
  static func line(_ cells: [Cell]) -> [String] {
    guard let first = cells.first else { return [] }
    func mean(_ value: (Cell) -> Double) -> Double {
      100 * cells.map(value).reduce(0, +) / Double(cells.count)
    }
    func percent(_ value: (Cell) -> Double) -> String { Text.decimal(mean(value), 1) }
    return [
      first.label, first.unit, Text.epsilon(first.composedEpsilon), "\(first.answersPerParty)",
      "\(first.clusters)", Text.epsilon(first.epsilonPerAnswer), percent(\.local),
      percent(\.predicted), percent(\.decoded), percent(\.student),
      first.target.map { Text.decimal($0, 1) } ?? "-",
      first.target.map { String(format: "%+.1f", mean(\.student) - $0) } ?? "-",
    ]
  }

  private func cell(_ figure: VoteFigure, seed: UInt64) async throws -> Cell {
    let name = "\(figure.label) seed \(seed)".map { $0.isLetter || $0.isNumber ? $0 : "-" }
    let path = "\(folder)/\(String(name)).json"
    if let data = FileManager.default.contents(atPath: path),
      let cell = try? JSONDecoder().decode(Cell.self, from: data)
    {
      return cell
    }
    let bar = ProgressBar(figure.label)
    let (labels, local) = try await said(figure, seed: seed, bar)
    let features = try self.features(figure, bar)
    bar.update(0.5, "seed \(seed): deal probes")
    let plan = try ModelVotePlan(
      parties: figure.parties, epsilon: figure.epsilon, classes: 10, features: features.probe,
      partyAccuracy: VoteFigure.partyAccuracy, seed: seed)
    var (decoded, student) = (0.0, 0.0)
    let probeLabels = try source.probeLabels()
    let testLabels = try source.data(for: StudyNetwork.mlp.architecture).test.labels
    for draw in 0..<VoteFigure.draws {
      bar.update(0.5 + Double(draw) / Double(2 * VoteFigure.draws), "seed \(seed): decode")
      let released = try labels.enumerated().map { party, labels in
        var ledger = BudgetLedger(budget: try plan.budget)
        return try plan.release(labels, of: party, from: &ledger)
      }
      let votes = try ModelVotes(released, plan: plan, seed: seed)
      let head = try VoteHead(features: features.probe, posterior: votes.posterior)
      let logits = try features.test.matmul(head.weight.transposed()).adding(head.bias)
      decoded += try ModelScore(probabilities: votes.posterior, labels: probeLabels).accuracy
      student += try ModelScore(
        probabilities: logits.softmax(axis: 1), labels: testLabels
      ).accuracy
    }
    bar.finish()
    let draws = Double(VoteFigure.draws)
    let cell = Cell(
      label: figure.label, seed: seed, draws: VoteFigure.draws, parties: figure.parties,
      unit: PrivacyUnit.model.rawValue, composedEpsilon: try plan.composedLoss.basic,
      epsilonPerAnswer: plan.randomizer.epsilon, answersPerParty: plan.answersPerParty,
      clusters: plan.clusterCount, mechanism: plan.randomizer.encoding.mechanismName,
      predicted: plan.forecast.expected, local: local, decoded: decoded / draws,
      student: student / draws, target: figure.target)
    try AtomicFile.write(JSONEncoder().encode(cell), to: path)
    return cell
  }

  /// What every party says of every probe, and how right they are by themselves.
  private func said(
    _ figure: VoteFigure, seed: UInt64, _ bar: ProgressBar
  ) async throws -> (labels: [[Int]], local: Double) {
    guard figure.isByBudget else {
      let small = try await SmallParties(
        parties: figure.parties, seed: seed, source: source, cachedIn: folder, bar: bar)
      return (small.labels, small.localAccuracy)
    }
    let same = Figure(
      network: .mlp, split: .iid, parties: figure.parties, epsilon: nil, probes: 2000, target: nil)
    let study = same.study(seed: seed)
    let data = try source.data(for: study.architecture)
    let predictors = try await values.parties(same, study, data, bar).map { try Predictor($0) }
    let accuracies = try predictors.map {
      try ModelScore(
        probabilities: $0.probabilities(data.test.inputs), labels: data.test.labels
      ).accuracy
    }
    return (
      try predictors.map { predictor in
        let labels: [Int64] = try predictor.logits(data.probe).argmax(axis: 1).elements()
        return labels.map(Int.init)
      }, accuracies.reduce(0, +) / Double(accuracies.count)
    )
  }

  private func features(_ figure: VoteFigure, _ bar: ProgressBar) throws -> RecordFeatures {
    let data = try source.data(
      for: .cnn(channels: 1, height: 28, width: 28, classes: 10, batchNormalization: false))
    return try RecordFeatures(figure.trunk, data, cachedIn: folder, bar: bar)
  }
}
