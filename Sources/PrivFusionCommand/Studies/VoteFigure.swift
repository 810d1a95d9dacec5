internal import Evaluation
internal import PrivFusion

/// One cell of the figures of votes whose unit is the whole model.
struct VoteFigure {
  /// n.
  let parties: Int
  /// The pure loss of all of a party's answers together, between any two models.
  let epsilon: Double
  /// The student's accuracy to reach, in percent; `nil` where none is known.
  let target: Double?

  /// Five parties of 5,800 records each, all of which answer about the same probes.
  static let byBudget: [VoteFigure] = [
    (100, 68.7), (300, 79.3), (1000, 81.1), (3000, 83.7), (10_000, 86.0),
  ].map { VoteFigure(parties: 5, epsilon: $0, target: $1) }

  /// Parties that share 58,000 records equally and are each asked a few questions.
  static let dealt: [VoteFigure] = [10, 30, 100, 300, 1000].flatMap { parties in
    [1.0, 2, 4, 8, 16].map { epsilon in
      VoteFigure(
        parties: parties, epsilon: epsilon, target: targets[parties]?[epsilon])
    }
  }

  private static let targets: [Int: [Double: Double]] = [
    300: [2: 71, 4: 76.6, 8: 76.6], 1000: [2: 72.4, 4: 74.4, 8: 75.1],
  ]

  var isByBudget: Bool { parties == 5 }

  var label: String { "votes iid n=\(parties) model epsilon \(Text.epsilon(epsilon))" }

  /// Many small parties need the smoother features.
  var trunk: RecordTrunk { isByBudget ? .fine : .smooth }

  /// How right a party's labels are taken to be: a public guess, for all figures the same.
  static let partyAccuracy = 0.7
  /// How often noise is drawn for each seed.
  static let draws = 3
}
