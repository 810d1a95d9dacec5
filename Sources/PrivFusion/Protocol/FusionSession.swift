internal import GraphMatching
internal import LocalPrivacy
internal import Models
internal import Symmetry
public import Tensors

/// The protocol of three rounds, run in one process.
///
/// 1. Each party releases signatures in its own order, votes and scales.
/// 2. Everyone computes the same universe from what was released.
/// 3. Each party aligns its clean signature to the universe without its own part, and releases its
///    weights already in the universe's order. No permutation leaves a party.
///
/// What follows, average, filter and adapter, is post-processing of what was released.
public struct FusionSession {
  let architecture: SharedArchitecture
  let settings: FusionSettings
  /// The delta at which losses are composed; fixed, because it changes nothing that is sent.
  public static let delta = 1e-5

  /// The common initialisation of the folded graph; empty without one.
  let commonInitialization: [String: Tensor]

  /// - Throws: ``FusionError/openSelection(_:)`` where less than everything is to be sent and nothing
  ///   is randomised.
  public init(_ architecture: SharedArchitecture, settings: FusionSettings) throws {
    guard settings.messages == .everything || settings.disclosure != .open else {
      throw FusionError.openSelection(settings.messages)
    }
    self.architecture = architecture
    self.settings = settings
    commonInitialization =
      try settings.commonInitialization.map { try architecture.folding.fold($0) } ?? [:]
  }

  /// Fuses the parties' models.
  ///
  /// - Parameters:
  ///   - parties: The parties' trained models, at least one.
  ///   - ignoringWeights: Runs the first control: the averaged weights are replaced by random ones,
  ///     so that what is left is what signatures and votes give.
  ///   - progress: Hears of every phase and of how far it is, in [0, 1]; cancels by throwing.
  public func run(
    _ parties: [PartyModel], ignoringWeights: Bool = false,
    progress: FusionProgress = { _, _ in }
  ) throws -> FusionOutcome {
    guard !parties.isEmpty else { throw FusionError.noParties }
    var clock = PhaseClock()
    let prepared = try clock.measure(.prepare) {
      try parties.enumerated().map { index, party in
        try progress(.prepare, Double(index) / Double(parties.count))
        return try PreparedParty(party, self, at: index)
      }
    }
    var outboxes = parties.map { _ in Outbox(settings) }
    let first = try clock.measure(.release) {
      try FirstRound(
        self,
        prepared.enumerated().map { index, party in
          try progress(.release, Double(index) / Double(parties.count))
          return try FirstMessage(self, through: &outboxes[index]) { party }
        })
    }
    let classes = try decode(first, &clock, progress)
    let sendsWeights = settings.messages == .everything
    let matched = try clock.measure(.match) {
      try progress(.match, 0)
      // Who sends no weights has no order to align them to.
      let aligning = sendsWeights ? prepared.enumerated().map { ($0, $1) } : []
      return try match(Dictionary(uniqueKeysWithValues: aligning), first)
    }
    var average =
      sendsWeights
      ? try clock.measure(.releaseWeights) {
        try AveragedWeights(self, scales: first.scales, through: &outboxes, progress: progress) {
          try aligned($1, of: prepared[$0], by: matched.permutations[$0] ?? [:])
        }
      } : try AveragedWeights(randomFor: self)
    if ignoringWeights { average = try average.randomized(self) }
    let targets = NormalizationTargets(
      measured: matched.statistics,
      stored: settings.disclosure == .open
        ? try storedStatistics(
          prepared, by: prepared.indices.map { matched.permutations[$0] ?? [:] }) : [:])
    // With randomised messages a party's own parameters are never looked at again.
    let own = settings.disclosure == .open ? prepared[0] : nil
    return try FusionEnding(
      session: self, first: first, classes: classes, signatures: matched.signatures, own: own,
      normalization: targets
    ).run(
      consume average, statement: PrivacyStatement(outboxes.map(\.expenditures), delta: Self.delta),
      bytesSent: outboxes.map(\.byteCount), &clock, progress)
  }

  /// What the votes of the first round say of the probes' classes.
  func decode(
    _ first: FirstRound, _ clock: inout PhaseClock, _ progress: FusionProgress
  ) throws -> ProbeClasses {
    try clock.measure(.decode) {
      try progress(.decode, 0)
      return try ProbeClasses(self, first.votes)
    }
  }

  /// What a party sends of a parameter, in the universe's order.
  func aligned(
    _ name: String, of party: PreparedParty, by permutations: [GroupID: Permutation]
  ) throws -> Tensor {
    try architecture.groups.permuted(sent(name, of: party), named: name, by: permutations)
  }

  /// What the votes are called among a party's releases.
  static let votes = "votes"

  /// What a ledger calls a release.
  static func releaseName(_ name: String, in session: String) -> String {
    session.isEmpty ? name : "\(session): \(name)"
  }

  /// The mean of the parties' parameters as they are: what fusing must beat.
  public static func plainAverage(_ parties: [PartyModel]) throws -> [String: Tensor] {
    guard let first = parties.first else { throw FusionError.noParties }
    return try first.parameters.reduce(into: [:]) { result, entry in
      let all = parties.compactMap { $0.parameters[entry.key] }
      result[entry.key] = try mean(of: all.count) { all[$0] }
    }
  }

  /// The mean in double precision, in the type of the first; equal tensors give themselves.
  ///
  /// - Parameters:
  ///   - count: At least 1.
  ///   - tensor: Makes one of them; none is held while the next is made.
  static func mean(of count: Int, _ tensor: (Int) throws -> Tensor) throws -> Tensor {
    let first = try tensor(0)
    let type = first.elementType
    var sum = try first.cast(to: .float64)
    for index in 1..<max(count, 1) { sum = try sum.adding(tensor(index).cast(to: .float64)) }
    return try sum.divided(by: Double(count)).cast(to: type)
  }
}
