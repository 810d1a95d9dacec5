internal import Evaluation
internal import Foundation
internal import PrivateTraining

/// One cell of the record-level figures: parties with private heads on Fashion-MNIST.
struct RecordFigure {
  let split: SplitKind
  let parties: Int
  let epsilon: Double
  /// The accuracy to reach, in percent.
  let target: Double

  static let delta = 1e-5
  /// Deals of the records, each with noise of its own.
  static let seeds: UInt64 = 2

  /// Targets: measured with a separate implementation, for 10 parties of 5,800 records and for many
  /// small ones; for unlike parties it used their public sizes, which this one does not.
  static let all: [RecordFigure] =
    [
      (.iid, 10, [87.9, 89.8, 90.4]), (.dirichlet, 10, [85.8, 87.4, 87.8]),
      (.iid, 30, [86.0, 87.9, 88.6]), (.iid, 100, [83.9, 86.3, 87.7]),
      (.iid, 300, [80.2, 83.4, 85.3]),
    ].flatMap { (split: SplitKind, parties: Int, targets: [Double]) in
      zip([1.0, 3.0, 8.0], targets).map {
        RecordFigure(split: split, parties: parties, epsilon: $0, target: $1)
      }
    }

  var label: String {
    "record-level \(split.rawValue) n=\(parties) epsilon \(Text.epsilon(epsilon))"
  }

  /// Many small parties need the smoother features.
  var trunk: RecordTrunk { parties >= HeadTrainer.Settings.manyParties ? .smooth : .fine }
}

/// The public features of the record-level figures.
enum RecordTrunk: String, CaseIterable {
  case fine
  case smooth

  var features: PublicFeatures {
    switch self {
    case .fine: PublicFeatures(dimension: 400, seed: 0)
    case .smooth: PublicFeatures(dimension: 200, centres: 500, seed: 0)
    }
  }
}
