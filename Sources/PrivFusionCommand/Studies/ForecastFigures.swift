internal import Evaluation
internal import LocalPrivacy
internal import Models
internal import PrivFusion
internal import PrivateTraining
internal import Tensors

/// Predictions beside what was measured: for every figure with noise, of each unit.
///
/// What is expected without privacy is a public guess: 70 % for parties that are asked questions, 90 %
/// for pooled heads, and for the value-level figures the mean party's accuracy to the nearest 5 points.
struct ForecastFigures {
  /// One measured setting.
  struct Row: Codable {
    let label: String
    /// What the loss protects.
    let unit: String
    /// What was sent.
    let messages: String
    let predicted: Double
    let low: Double
    let high: Double
    let measured: Double

    var error: Double { measured - predicted }
    var isInside: Bool { (low...high).contains(measured) }

    init(
      _ label: String, unit: PrivacyUnit, messages: String, _ forecast: FusionForecast,
      measured: Double
    ) {
      self.label = label
      self.unit = unit.rawValue
      self.messages = messages
      predicted = forecast.expected
      (low, high) = (forecast.range.lowerBound, forecast.range.upperBound)
      self.measured = measured
    }
  }

  static let header = [
    "Figure", "unit", "messages", "predicted", "from", "to", "measured", "error", "",
  ]
  private static let pooledAccuracy = 0.9

  private var architectures: [String: SharedArchitecture] = [:]

  /// - Parameters:
  ///   - records: Cells of each record-level figure.
  ///   - values: Cells of each value-level figure.
  ///   - votes: Cells of each figure of votes for a whole model.
  static func rows(
    records: [[RecordFigures.Cell]], values: [(figure: Figure, cells: [ValueFigures.Cell])],
    votes: [[VoteFigures.Cell]]
  ) throws -> [Row] {
    var figures = ForecastFigures()
    return try records.flatMap { try figures.rows($0) }
      + values.flatMap { try figures.rows($0, $1) } + votes.compactMap { figures.row($0) }
  }

  static func line(_ row: Row) -> [String] {
    func percent(_ value: Double) -> String { Text.decimal(100 * value, 1) }
    return [
      row.label, row.unit, row.messages, percent(row.predicted), percent(row.low),
      percent(row.high), percent(row.measured), Text.signed(100 * row.error, 1),
      row.isInside ? "" : "outside",
    ]
  }

  /// What the errors come to.
  static func summary(_ rows: [Row]) -> String {
    guard !rows.isEmpty else { return "" }
    let count = Double(rows.count)
    let bias = rows.map(\.error).reduce(0, +) / count
    let mean = rows.map(\.error.magnitude).reduce(0, +) / count
    return """
      \(rows.count) settings: mean error \(Text.decimal(100 * mean, 1)) points, bias \
      \(Text.signed(100 * bias, 1)), greatest \
      \(Text.decimal(100 * (rows.map(\.error.magnitude).max() ?? 0), 1)); \
      \(rows.count { !$0.isInside }) outside their range
      """
  }

  private func rows(_ cells: [RecordFigures.Cell]) throws -> [Row] {
    guard let figure = RecordFigure.all.first(where: { $0.label == cells.first?.label }) else {
      return []
    }
    let shards = cells[0].row.parties
    let forecast = try RecordForecast(
      parties: shards.count, records: shards.map(\.records).reduce(0, +) / shards.count,
      epsilon: figure.epsilon, delta: RecordFigure.delta,
      features: figure.trunk.features.dimension, classes: 10,
      pooledAccuracy: Self.pooledAccuracy)
    func mean(_ value: (RecordFigures.Cell) -> Double) -> Double {
      cells.map(value).reduce(0, +) / Double(cells.count)
    }
    let fused = Row(
      figure.label, unit: .record, messages: "heads", forecast.fused,
      measured: mean { $0.row.fused.accuracy })
    // Unlike parties alone know too few classes for any prediction by numbers of records.
    guard figure.split == .iid else { return [fused] }
    let alone = mean { $0.row.meanAlone }
    return [
      Row(figure.label, unit: .record, messages: "none, alone", forecast.alone, measured: alone),
      fused,
    ]
  }

  private mutating func rows(_ figure: Figure, _ cells: [ValueFigures.Cell]) throws -> [Row] {
    guard let epsilon = figure.epsilon, !cells.isEmpty else { return [] }
    let local = cells.map(\.local).reduce(0, +) / Double(cells.count)
    let plan = try MessagePlan(
      architecture(figure), parties: figure.parties,
      budget: .eachValue(epsilon: epsilon, voteEpsilon: 2 * epsilon),
      partyAccuracy: (local * 20).rounded() / 20, hasFeatures: true,
      hasCommonStart: figure.hasCommonStart)
    let measured: [(MessageSelection, (ValueFigures.Cell) -> Double?)] = [
      (.votes, \.student), (.signatures, \.weightsIgnored), (.everything, \.fused),
    ]
    return measured.compactMap { selection, value in
      let values = cells.compactMap(value)
      guard let option = plan.option(for: selection), !values.isEmpty else { return nil }
      return Row(
        figure.label, unit: .value, messages: selection.rawValue, option.forecast,
        measured: values.reduce(0, +) / Double(values.count))
    }
  }

  /// The architecture on made-up probes: only their number counts.
  private mutating func architecture(_ figure: Figure) throws -> SharedArchitecture {
    let key = "\(figure.network.rawValue) \(figure.probes)"
    if let made = architectures[key] { return made }
    let graph = try figure.network.architecture.untrained(seed: 0)
    let sizes = graph.inputs[0].shape.dropFirst().compactMap(\.self)
    let made = try SharedArchitecture(
      graph, probe: [graph.inputs[0].name: .normal([figure.probes] + sizes, seed: 0)], seed: 0)
    architectures[key] = made
    return made
  }

  private func row(_ cells: [VoteFigures.Cell]) -> Row? {
    let all = VoteFigure.byBudget + VoteFigure.dealt
    guard let figure = all.first(where: { $0.label == cells.first?.label }) else { return nil }
    let forecast = FusionForecast(
      votes: ModelVoteChoice(
        parties: figure.parties, epsilon: figure.epsilon, classes: 10,
        partyAccuracy: VoteFigure.partyAccuracy, probes: 2000
      ).prediction, partyAccuracy: VoteFigure.partyAccuracy, classes: 10)
    return Row(
      figure.label, unit: .model, messages: MessageSelection.votes.rawValue, forecast,
      measured: cells.map(\.student).reduce(0, +) / Double(cells.count))
  }
}
