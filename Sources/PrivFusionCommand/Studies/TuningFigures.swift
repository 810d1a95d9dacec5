internal import Evaluation
internal import Foundation
internal import ModelFormats
internal import Models
internal import PrivFusion
internal import Tensors
internal import Training

/// What is ours to tune, compared with other values of it: every cell is kept in the output folder, so
/// that an interrupted run goes on where it was.
///
/// Messages are sent once a cell, and fitted with every alternative. What is compared is how likely
/// the votes about held-out probes are; test accuracy stands beside it, and can but veto.
struct TuningFigures: Sendable {
  let source: FashionMNIST
  let folder: String
  let seeds: Int

  /// What is tuned, and what it is judged through.
  enum Part: String, CaseIterable {
    case filter
    case adapter
    /// The filter's constants, through the adapter.
    case both

    var alternatives: [TuningAlternative] {
      switch self {
      case .filter: TuningAlternative.filter
      case .adapter: TuningAlternative.adapter
      case .both: [TuningAlternative.bestOfRidge]
      }
    }

    var figures: [Figure] {
      switch self {
      case .filter: TuningFigures.figures([5, 10]) + TuningFigures.commonStarts
      // Few probes have five folds, and an adapter on each.
      case .adapter: TuningFigures.figures([5]).filter { $0.probes == 2000 || $0.epsilon == 4 }
      case .both: TuningFigures.figures([5]).filter { $0.probes == 2000 && $0.epsilon != nil }
      }
    }
  }

  /// The messages of one figure and seed, fitted in all ways.
  struct Cell: Codable {
    let label: String
    let seed: UInt64
    /// By the alternative's name.
    let fits: [String: TuningComparison.Measured]
  }

  private struct Wanted {
    let part: Part
    let figure: Figure
    let seed: UInt64

    var label: String { "tuning \(part.rawValue) \(figure.label)" }
    var alternatives: [TuningAlternative] { part.alternatives.filter { $0.applies(figure) } }
  }

  static let header = [
    "Tuning", "cells", "held-out log-likelihood", "held-out agreement", "test accuracy", "",
  ]

  static func figures(_ parties: [Int]) -> [Figure] {
    parties.flatMap { parties in
      [1, 4, nil].flatMap { epsilon in
        [200, 2000].map {
          Figure(
            network: .mlp, split: .iid, parties: parties, epsilon: epsilon, probes: $0, target: nil)
        }
      }
    }
  }

  private static let commonStarts: [Figure] = [1.0, 4].map {
    Figure(
      network: .mlp, split: .iid, parties: 5, epsilon: $0, probes: 2000, hasCommonStart: true,
      target: nil)
  }

  /// Measures the cells whose labels contain `only`, one a core.
  func run(only: String?) async throws -> [(part: Part, cells: [Cell])] {
    let all = Part.allCases.flatMap { part in
      part.figures.flatMap { figure in
        (0..<UInt64(seeds)).map { Wanted(part: part, figure: figure, seed: $0) }
      }
    }.filter { only.map($0.label.contains) ?? true }
    let missing = all.filter { kept($0) == nil }
    if !missing.isEmpty { try await measure(missing) }
    return Part.allCases.map { part in (part, all.filter { $0.part == part }.compactMap(kept)) }
      .filter { !$0.1.isEmpty }
  }

  /// The table of one part: means over cells of the differences from the default, with standard errors;
  /// agreement and accuracy in points.
  static func rows(_ part: Part, _ cells: [Cell]) -> [[String]] {
    let fits = cells.map(\.fits)
    let base = fits.compactMap { $0[TuningAlternative.base] }
    func mean(_ scale: Double, _ digits: Int, _ value: (TuningComparison.Measured) -> Double?)
      -> String
    {
      let values = base.compactMap(value)
      guard !values.isEmpty else { return "-" }
      return Text.decimal(scale * values.reduce(0, +) / Double(values.count), digits)
    }
    let first = [
      "\(part.rawValue), \(TuningAlternative.base)", "\(base.count)", mean(1, 3, \.logLikelihood),
      mean(100, 1, \.agreement), mean(100, 1, \.accuracy), "",
    ]
    return [first]
      + part.alternatives.compactMap { alternative in
        let found = TuningComparison(of: alternative.name, to: TuningAlternative.base, in: fits)
        guard found.count > 0 else { return nil }
        return [
          alternative.name, "\(found.count)", text(found.logLikelihood, 1, 4),
          text(found.agreement, 100, 2), text(found.accuracy, 100, 2),
          found.isAdopted ? "better" : "",
        ]
      }
  }

  private static func text(
    _ difference: TuningComparison.Difference?, _ scale: Double, _ digits: Int
  ) -> String {
    guard let difference else { return "-" }
    let mean = String(format: "%+.\(digits)f", scale * difference.mean)
    return mean
      + (difference.standardError.map { " ± \(Text.decimal(scale * $0, digits))" } ?? "")
  }

  private func path(_ wanted: Wanted) -> String {
    let name = "\(wanted.label) seed \(wanted.seed)".map { $0.isLetter || $0.isNumber ? $0 : "-" }
    return "\(folder)/\(String(name)).json"
  }

  /// A cell that was measured before, with all alternatives of today.
  private func kept(_ wanted: Wanted) -> Cell? {
    guard let data = FileManager.default.contents(atPath: path(wanted)),
      let cell = try? JSONDecoder().decode(Cell.self, from: data),
      wanted.alternatives.allSatisfy({ cell.fits[$0.name] != nil })
    else { return nil }
    return cell
  }

  private func measure(_ missing: [Wanted]) async throws {
    let bar = ProgressBar("tuning")
    let data = try source.data(for: StudyNetwork.cnn.architecture)
    let features = try RecordFeatures(.fine, data, cachedIn: folder, bar: bar)
    // Parties are trained side by side themselves, and several cells share them.
    for wanted in missing { _ = try await subject(wanted, features, bar) }
    try await withThrowingTaskGroup(of: Cell.self) { group in
      var rest = missing[...]
      func begin() {
        guard let wanted = rest.popFirst() else { return }
        group.addTask { try await measure(wanted, features, bar) }
      }
      for _ in 0..<ProcessInfo.processInfo.activeProcessorCount { begin() }
      var done = 0
      while let cell = try await group.next() {
        done += 1
        bar.update(Double(done) / Double(missing.count), "\(done) of \(missing.count) cells")
        Terminal.note("\(cell.label), seed \(cell.seed): \(cell.fits.count) fits")
        begin()
      }
    }
    bar.finish()
  }

  private func subject(_ wanted: Wanted, _ features: RecordFeatures, _ bar: ProgressBar)
    async throws -> TuningSubject
  {
    try await TuningSubject(
      wanted.figure, seed: wanted.seed, source: source, folder: folder, features: features, bar)
  }

  private func measure(_ wanted: Wanted, _ features: RecordFeatures, _ bar: ProgressBar)
    async throws -> Cell
  {
    let subject = try await subject(wanted, features, bar)
    let fits: [String: TuningComparison.Measured] = try TensorEngine.withThreads(1) {
      guard let messages = try subject.messages() else { return [:] }
      var fits = [TuningAlternative.base: try fit(messages, wanted, subject) { _ in }]
      for alternative in wanted.alternatives {
        fits[alternative.name] = try fit(messages, wanted, subject, alternative.change)
      }
      return fits
    }
    let cell = Cell(label: wanted.label, seed: wanted.seed, fits: fits)
    try AtomicFile.write(JSONEncoder().encode(cell), to: path(wanted))
    return cell
  }

  private func fit(
    _ messages: FusionMessages, _ wanted: Wanted, _ subject: TuningSubject,
    _ change: (inout FusionSettings) -> Void
  ) throws -> TuningComparison.Measured {
    let usual = subject.settings()
    let fit = try messages.fit { settings in
      settings.adapter = wanted.part == .filter ? nil : usual.adapter
      change(&settings)
    } progress: { _, _ in
      try Task.checkCancellation()
    }
    return .init(
      logLikelihood: fit.heldOut?.logLikelihood, agreement: fit.heldOut?.agreement,
      accuracy: try subject.accuracy(fit.parameters))
  }
}
