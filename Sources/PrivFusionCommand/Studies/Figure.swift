internal import Evaluation
internal import Models
internal import PrivFusion

/// One cell of the figures that a right implementation reaches.
struct Figure {
  let network: StudyNetwork
  let split: SplitKind
  let parties: Int
  /// `nil` when nothing is randomised.
  let epsilon: Double?
  let probes: Int
  /// The accuracy to reach, in percent; `nil` where none is known.
  let target: Double?

  /// The figures of the first release.
  ///
  /// Targets were measured with a separate implementation of the same method: votes by one bit a
  /// class at epsilon each, which is a label loss of 2 epsilon.
  static let all: [Figure] =
    [
      (.iid, 5, 1, 82.6), (.iid, 5, 4, 84.2), (.iid, 10, 1, 83.5), (.iid, 10, 4, 84.2),
      (.dirichlet, 10, 4, 83.7),
    ].map { (split: SplitKind, parties: Int, epsilon: Double, target: Double) in
      Figure(
        network: .mlp, split: split, parties: parties, epsilon: epsilon, probes: 2000,
        target: target)
    }
    + [
      Figure(
        network: .mlp, split: .iid, parties: 5, epsilon: 1, probes: 500, target: 78.3)
    ]
    + [
      (.mlp, .iid, 3, 2000, 85.2), (.mlp, .iid, 5, 2000, 85.3), (.mlp, .iid, 10, 2000, 85.1),
      (.mlp, .dirichlet, 10, 2000, 84.1), (.mlp, .iid, 3, 100, nil), (.mlp, .iid, 5, 100, 83.1),
      (.mlp, .iid, 10, 100, nil), (.cnnBn, .iid, 5, 2000, 86.3), (.cnnBn, .iid, 5, 100, nil),
    ].map {
      (network: StudyNetwork, split: SplitKind, parties: Int, probes: Int, target: Double?) in
      Figure(
        network: network, split: split, parties: parties, epsilon: nil, probes: probes,
        target: target)
    }

  /// The accuracy of the votes' student to reach, in percent; `nil` where none is known.
  var studentTarget: Double? {
    guard network == .mlp, split == .iid, parties == 5, epsilon == 1 else { return nil }
    return [500: 81.1, 2000: 85.2][probes]
  }

  var label: String {
    "\(network.rawValue) \(split.rawValue) n=\(parties) "
      + (epsilon.map { "epsilon \($0)" } ?? "no noise") + " m=\(probes)"
  }

  func study(seed: UInt64) -> FusionStudy {
    FusionStudy(
      architecture: network.architecture, split: split.split(parties: parties, concentration: 0.5),
      parties: parties, epochs: network.epochs, seed: seed)
  }

  func settings(seed: UInt64) -> FusionSettings {
    var settings = FusionSettings(
      disclosure: epsilon.map { .randomized(epsilon: $0, voteEpsilon: 2 * $0) } ?? .open,
      matching: epsilon == nil ? .both : .activations,
      adapter: network.adapter(hasCommonStart: false), seed: seed)
    settings.choosesPath = true
    return settings
  }
}
