internal import Evaluation
internal import Foundation
internal import LocalPrivacy
internal import ModelFormats
internal import Models
internal import PrivFusion
internal import Tensors
internal import Training

/// Which messages are sent, and how the loss is split between votes and other numbers, compared by
/// test accuracy and by what everything that is sent composes to.
///
/// Other losses need other messages, so that here the noise differs too; messages that are left out
/// are left out of the same ones.
struct MessageFigures: Sendable {
  let source: FashionMNIST
  let folder: String
  let seeds: Int

  /// What is sent in one figure, of one seed.
  struct Cell: Codable {
    let label: String
    let seed: UInt64
    let choices: [Choice]
  }

  /// One choice of messages, measured.
  struct Choice: Codable {
    let name: String
    /// The greatest loss of a number that is sent.
    let perValue: Double
    /// Of all of a party's, between any two of its models: the sum.
    let composed: Double
    let accuracy: Double
    let path: String?
  }

  static let header = [
    "Messages", "cells", "epsilon per value", "composed per model", "test accuracy", "path",
  ]

  private static let figures = TuningFigures.figures([5]).filter {
    $0.epsilon != nil && $0.probes == 2000
  }

  /// Losses of a vote relative to those of other numbers; the first is the default.
  private static let voteFactors = [1, 0.5, 2, 4]

  /// Measures the figures whose labels contain `only`.
  func run(only: String?) async throws -> [[Cell]] {
    let wanted = Self.figures.filter { only.map(Self.label($0).contains) ?? true }
    guard !wanted.isEmpty else { return [] }
    let bar = ProgressBar("messages")
    let data = try source.data(for: StudyNetwork.cnn.architecture)
    let features = try RecordFeatures(.fine, data, cachedIn: folder, bar: bar)
    var rows: [[Cell]] = []
    for figure in wanted {
      var cells: [Cell] = []
      for seed in 0..<UInt64(seeds) {
        bar.update(
          Double(rows.count * seeds + cells.count) / Double(wanted.count * seeds), figure.label)
        cells.append(try await cell(figure, seed: seed, features, bar))
      }
      rows.append(cells)
    }
    bar.finish()
    return rows
  }

  /// A line of the table for every choice: means over seeds, accuracies in percent.
  static func rows(_ cells: [Cell]) -> [[String]] {
    (cells.first?.choices ?? []).map { choice in
      let same = cells.compactMap { $0.choices.first { $0.name == choice.name } }
      let accuracy = same.map(\.accuracy).reduce(0, +) / Double(max(same.count, 1))
      return [
        "\(cells[0].label), \(choice.name)", "\(same.count)", Text.epsilon(choice.perValue),
        Text.epsilon(choice.composed), Text.decimal(100 * accuracy, 1),
        Set(same.compactMap(\.path)).sorted().joined(separator: ", "),
      ]
    }
  }

  private static func label(_ figure: Figure) -> String { "tuning messages \(figure.label)" }

  private func cell(
    _ figure: Figure, seed: UInt64, _ features: RecordFeatures, _ bar: ProgressBar
  ) async throws -> Cell {
    let label = Self.label(figure)
    let name = "\(label) seed \(seed)".map { $0.isLetter || $0.isNumber ? $0 : "-" }
    let path = "\(folder)/\(String(name)).json"
    if let data = FileManager.default.contents(atPath: path),
      let cell = try? JSONDecoder().decode(Cell.self, from: data)
    {
      return cell
    }
    let subject = try await TuningSubject(
      figure, seed: seed, source: source, folder: folder, features: features, bar)
    let choices = try TensorEngine.withThreads(1) {
      try Self.voteFactors.flatMap { try measure(subject, voteFactor: $0) }
    }
    let cell = Cell(label: label, seed: seed, choices: choices)
    try AtomicFile.write(JSONEncoder().encode(cell), to: path)
    Terminal.note("\(label), seed \(seed): \(choices.count) choices")
    return cell
  }

  /// Everything at these losses; and, of the default's messages, some alone.
  private func measure(_ subject: TuningSubject, voteFactor: Double) throws -> [Choice] {
    var settings = subject.settings(voteFactor: voteFactor)
    settings.choosesPath = true
    settings.keepsMessages = voteFactor == 1
    let outcome = try FusionSession(subject.shared, settings: settings).run(subject.parties) {
      _, _ in try Task.checkCancellation()
    }
    guard let privacy = outcome.privacy, case .randomized(_, let voteEpsilon) = settings.disclosure
    else { return [] }
    let all = Choice(
      name: "all, votes at epsilon x \(Text.epsilon(voteFactor))", perValue: privacy.perValue,
      composed: privacy.composed.basic, accuracy: try subject.accuracy(outcome.fused),
      path: outcome.pathChoice?.path.rawValue)
    guard let messages = outcome.messages, let votes = outcome.votes else { return [all] }
    let plan = try FusionPlan(subject.shared, settings: settings, parties: subject.parties.count)
    let weightless = try messages.withoutWeights().outcome(progress: { _, _ in
      try Task.checkCancellation()
    })
    let head = try VoteHead(features: subject.features.probe, posterior: votes)
    let logits = try subject.features.test.matmul(head.weight.transposed()).adding(head.bias)
    return [
      all,
      Choice(
        name: "signatures and votes, no weights", perValue: privacy.perValue,
        composed: try Composition(ofModel: plan.signatureExpenditures).loss(
          delta: FusionSession.delta
        )
        .basic,
        accuracy: try subject.accuracy(weightless.fused),
        path: weightless.pathChoice?.path.rawValue),
      Choice(
        name: "votes alone, their student", perValue: voteEpsilon,
        composed: voteEpsilon * Double(plan.probeCount),
        accuracy: try subject.accuracy(logits.softmax(axis: 1)), path: nil),
    ]
  }
}
