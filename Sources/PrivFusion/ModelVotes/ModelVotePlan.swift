internal import Foundation
public import LocalPrivacy
public import Tensors

/// Who is asked about which probes, and through which randomiser, when a party's whole model is the
/// record: worked out from public things alone.
///
///     q questions to each party, each answered at epsilon / q;   q from ``ModelVoteChoice``
///
/// - Neighbours: any two models of a party (`PrivacyUnit.model`). The questions do not depend on a
///   model, and everything that a party sends is its q answers.
/// - Loss: the sum of the answers' losses, pure and rounded up, at most ``epsilon``.
public struct ModelVotePlan: Sendable {
  /// n, the number of parties.
  public let parties: Int
  /// The greatest loss of all of a party's answers together.
  public let epsilon: Double
  /// K, the number of clusters that are asked about; all probes where each is a cluster.
  public let clusterCount: Int
  /// What each party is asked.
  public let dealing: ProbeDealing
  /// What randomises each answer.
  public let randomizer: VoteRandomizer
  /// How right the decoded votes are expected to be.
  public let prediction: PredictedVoteAccuracy
  /// The accuracy that each party's own labels are taken to have.
  public let partyAccuracy: Double
  /// m, the number of probes.
  public let probeCount: Int
  let spectrum: ProbeGraph.Spectrum

  /// q, the number of answers of each party.
  public var answersPerParty: Int { dealing.probes[0].count }
  /// k, the number of classes.
  public var classes: Int { randomizer.classes }
  /// What a party's ledger may admit: a pure loss, between any two models.
  public var budget: PrivacyBudget {
    get throws { try .model(epsilon: epsilon, delta: 0) }
  }

  /// The composed loss of a party's answers, rounded up; at most ``epsilon``.
  public var composedLoss: ComposedLoss {
    get throws { try Composition(ofModel: [expenditure()]).loss(delta: 0) }
  }

  /// The bytes that each party sends.
  public var byteCount: Int { randomizer.encoding.byteCount(of: answersPerParty) }

  /// Whether the parties' own models are expected to be at least as good.
  public var isLocalBetter: Bool { forecast.isLocalBetter }

  /// Whether what is sent is expected to be noise: see ``FusionForecast/isNoise``.
  public var isNoise: Bool { forecast.isNoise }

  /// How right the fused model is expected to be.
  public var forecast: FusionForecast {
    FusionForecast(votes: prediction, partyAccuracy: partyAccuracy, classes: classes)
  }

  /// - Parameters:
  ///   - parties: n, at least 1.
  ///   - epsilon: The greatest loss of all of a party's answers, at least 0.001.
  ///   - classes: k, from 2 to 2^20.
  ///   - features: Public numbers of every probe, shape `[m, d]`, m at least 2.
  ///   - partyAccuracy: The share that a party's own labels are expected to be right at, in [0, 1];
  ///     public, such as from experience with the task, and never measured on private data.
  ///   - seed: Public: where clusters start, and the order of the deal.
  /// - Throws: `PrivacyError.epsilonOutOfRange`, `PrivacyError.categoriesOutOfRange`.
  public init(
    parties: Int, epsilon: Double, classes: Int, features: Tensor, partyAccuracy: Double,
    seed: UInt64
  ) throws {
    precondition(parties > 0, "there is at least one party")
    guard epsilon.isFinite, epsilon >= 0.001 else {
      throw PrivacyError.epsilonOutOfRange(epsilon, least: 0.001, greatest: 1e9)
    }
    let probes = features.shape[0]
    let choice = ModelVoteChoice(
      parties: parties, epsilon: epsilon, classes: classes, partyAccuracy: partyAccuracy,
      probes: probes)
    let (count, answers) = (choice.clusterCount, choice.answersPerParty)
    prediction = choice.prediction
    let (spectrum, members) = try Self.clusters(features, count: count, seed: seed)
    let randomizer = try Self.randomizer(classes: classes, epsilon: epsilon, answers: answers)
    self.parties = parties
    self.epsilon = epsilon
    self.partyAccuracy = partyAccuracy
    self.spectrum = spectrum
    self.randomizer = randomizer
    clusterCount = count
    probeCount = probes
    dealing = ProbeDealing(members, parties: parties, answers: answers, seed: seed)
  }

  /// The debit of a party's answers.
  func expenditure() throws -> Expenditure {
    try Expenditure(
      name: Self.releaseName, count: answersPerParty, epsilon: randomizer.epsilon, unit: .value,
      mechanismName: randomizer.encoding.mechanismName)
  }

  static let releaseName = "votes"

  private static func clusters(
    _ features: Tensor, count: Int, seed: UInt64
  ) throws -> (ProbeGraph.Spectrum, [[Int]]) {
    try TensorEngine.withThreads(1) {
      try withoutGradients {
        let graph = try ProbeGraph(features: features)
        let spectrum = try graph.spectrum(
          count: min(max(graph.probeCount / 3, 1), GraphDecoder.greatestFunctions), seed: seed)
        let medoids = try ProbeMedoids(spectrum, count: count, seed: seed)
        return (spectrum, medoids.members)
      }
    }
  }

  /// The greatest loss of an answer with which all of them together keep within epsilon, also where
  /// their sum is rounded up.
  static func randomizer(
    classes: Int, epsilon: Double, answers: Int
  ) throws -> VoteRandomizer {
    var each = min(epsilon / Double(answers), 20)
    while true {
      let randomizer = try VoteRandomizer(classes: classes, epsilon: each)
      let expenditure = try Expenditure(
        name: releaseName, count: answers, epsilon: randomizer.epsilon, unit: .value,
        mechanismName: randomizer.encoding.mechanismName)
      if try Composition(ofModel: [expenditure]).basic <= epsilon { return randomizer }
      each = each.nextDown
    }
  }
}
