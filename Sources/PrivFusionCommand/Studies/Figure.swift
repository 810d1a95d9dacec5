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
  /// Whether all parties start from one public initialisation.
  var hasCommonStart = false
  /// The accuracy to reach, in percent; `nil` where none is known.
  let target: Double?

  /// Targets were measured with a separate implementation of the same method: votes by one bit a
  /// class at epsilon each, which is a label loss of 2 epsilon.
  static let all = withNoise + withoutNoise + smallProbes

  /// Targets by number of parties, for the losses beside them.
  private static let withNoise: [Figure] =
    row(.mlp, .iid, [(3, [1: 81.5, 4: 84.3]), (10, [1: 83.5, 4: 84.2])])
    + row(.mlp, .iid, [(5, [0.5: 78.4, 1: 82.6, 2: 83.8, 4: 84.2, 8: 84.8])])
    + row(.mlp, .dirichlet, [(10, [1: 81.0, 4: 83.7])])
    + row(
      .mlp, .iid,
      [
        (3, [1: 83.2, 4: 85.2]), (5, [0.5: 80.7, 1: 84.2, 2: 85.1, 4: 85.2, 8: 85.4]),
        (10, [1: 84.7, 4: 85.2]),
      ], hasCommonStart: true)
    + row(.cnn, .iid, [(10, [1: 84.2, 4: 84.8])])
    + row(
      .cnnBn, .iid, [(5, [0.5: 78.8, 1: 83.8, 2: 85.4, 4: 85.9]), (10, [1: 84.9, 4: 86.1])])

  private static let withoutNoise: [Figure] =
    row(.mlp, .iid, [(3, [nil: 85.2]), (5, [nil: 85.3]), (10, [nil: 85.1])])
    + row(.mlp, .dirichlet, [(5, [nil: 80.5]), (10, [nil: 84.1])])
    + row(.mlp, .iid, [(3, [nil: 85.5]), (5, [nil: 85.7])], hasCommonStart: true)
    + row(.cnn, .iid, [(3, [nil: 85.7]), (5, [nil: 85.0]), (10, [nil: 85.3])])
    + row(.cnnBn, .iid, [(3, [nil: 85.9]), (5, [nil: 86.3]), (10, [nil: 86.3])])

  /// Small probes, mostly without noise.
  private static let smallProbes: [Figure] =
    [(50, 81.8), (100, 83.1), (200, 84.1), (500, 84.5), (1000, 84.7)].map {
      Figure(network: .mlp, split: .iid, parties: 5, epsilon: nil, probes: $0, target: $1)
    }
    + [(.mlp, 3), (.mlp, 10), (.cnnBn, 5)].map { (network: StudyNetwork, parties: Int) in
      Figure(
        network: network, split: .iid, parties: parties, epsilon: nil, probes: 100, target: nil)
    }
    + [Figure(network: .mlp, split: .iid, parties: 5, epsilon: 1, probes: 500, target: 78.3)]

  private static func row(
    _ network: StudyNetwork, _ split: SplitKind, _ targets: [(parties: Int, [Double?: Double])],
    hasCommonStart: Bool = false
  ) -> [Figure] {
    targets.flatMap { parties, byEpsilon in
      byEpsilon.sorted { ($0.key ?? 0) < ($1.key ?? 0) }.map { epsilon, target in
        Figure(
          network: network, split: split, parties: parties, epsilon: epsilon, probes: 2000,
          hasCommonStart: hasCommonStart, target: target)
      }
    }
  }

  /// The accuracy of the votes' student to reach, in percent; `nil` where none is known.
  var studentTarget: Double? {
    guard network == .mlp, split == .iid, parties == 5, epsilon == 1, !hasCommonStart else {
      return nil
    }
    return [500: 81.1, 2000: 85.2][probes]
  }

  var label: String {
    "\(network.rawValue) \(split.rawValue) \(hasCommonStart ? "common " : "")n=\(parties) "
      + (epsilon.map { "epsilon \($0)" } ?? "no noise") + " m=\(probes)"
  }

  func study(seed: UInt64) -> FusionStudy {
    FusionStudy(
      architecture: network.architecture, split: split.split(parties: parties, concentration: 0.5),
      parties: parties, epochs: network.epochs, hasCommonInitialization: hasCommonStart, seed: seed)
  }

  func settings(seed: UInt64) -> FusionSettings {
    var settings = FusionSettings(
      disclosure: epsilon.map { .randomized(epsilon: $0, voteEpsilon: 2 * $0) } ?? .open,
      matching: epsilon == nil ? .both : .activations,
      adapter: network.adapter(hasCommonStart: hasCommonStart), seed: seed)
    settings.choosesPath = true
    return settings
  }
}
