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

  public init(_ architecture: SharedArchitecture, settings: FusionSettings) throws {
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
    let isCanonical = settings.commonInitialization == nil
    let prepared = try clock.measure(.prepare) {
      try parties.enumerated().map { index, party in
        try progress(.prepare, Double(index) / Double(parties.count))
        return try PreparedParty(party, architecture, isCanonical: isCanonical)
      }
    }
    var outboxes = parties.map { _ in Outbox(settings.disclosure) }
    let first = try clock.measure(.release) {
      try FirstRound(self, prepared, outboxes: &outboxes, progress: progress)
    }
    let classes = try clock.measure(.decode) {
      try progress(.decode, 0)
      return try ProbeClasses(self, first.votes)
    }
    let matched = try clock.measure(.match) {
      try progress(.match, 0)
      return try match(prepared, first)
    }
    var average = try clock.measure(.releaseWeights) {
      try AveragedWeights(
        self, prepared, first, permutations: matched.permutations, outboxes: &outboxes,
        progress: progress)
    }
    if ignoringWeights { average = try average.randomized(self) }
    let withoutFilter = try writtenBack(average.parameters, first: prepared[0], statistics: [:])
    guard settings.usesFilter else {
      return try outcome(withoutFilter, withoutFilter, classes, outboxes, clock)
    }
    let targets = try FilterTargets(
      self, first, classes: classes, signatures: matched.signatures)
    let filter = PerturbationFilter(self, targets: targets)
    var (filtered, statistics) = try clock.measure(.filter) {
      try filter.run(average, progress: progress)
    }
    if settings.adapter != nil {
      filtered = try clock.measure(.adapt) {
        try Adapter(self, targets: targets).run(filtered, progress: progress)
      }
      statistics = try filter.statistics(of: filtered)
    }
    let fused = try writtenBack(filtered, first: prepared[0], statistics: statistics)
    return try outcome(fused, withoutFilter, classes, outboxes, clock)
  }

  /// The mean of the parties' parameters as they are: what fusing must beat.
  public static func plainAverage(_ parties: [PartyModel]) throws -> [String: Tensor] {
    guard let first = parties.first else { throw FusionError.noParties }
    return try first.parameters.reduce(into: [:]) { result, entry in
      let all = parties.compactMap { $0.parameters[entry.key] }
      result[entry.key] = try mean(all)
    }
  }

  /// The mean in double precision, in the type of the first; equal tensors give themselves.
  static func mean(_ tensors: [Tensor]) throws -> Tensor {
    var sum = try tensors[0].cast(to: .float64)
    for tensor in tensors.dropFirst() { sum = try sum.adding(tensor.cast(to: .float64)) }
    return try sum.divided(by: Double(tensors.count)).cast(to: tensors[0].elementType)
  }

  /// Folded parameters under the original graph's names; the first parent's own when nothing differs
  /// from it, so that fusing a model with itself gives it back bit for bit.
  private func writtenBack(
    _ folded: [String: Tensor], first: PreparedParty,
    statistics: [String: (mean: Tensor, variance: Tensor)]
  ) throws -> [String: Tensor] {
    // With randomised messages a party's own parameters are never looked at again.
    let isUnchanged =
      try settings.disclosure == .open
      && folded.allSatisfy { try first.parameters[$0.key]?.isIdentical(to: $0.value) ?? false }
    if isUnchanged { return first.original }
    return try architecture.folding.unfold(folded, statistics: statistics)
  }

  private func outcome(
    _ fused: [String: Tensor], _ withoutFilter: [String: Tensor], _ classes: ProbeClasses,
    _ outboxes: [Outbox], _ clock: PhaseClock
  ) throws -> FusionOutcome {
    FusionOutcome(
      fused: fused, withoutFilter: withoutFilter,
      privacy: try PrivacyStatement(outboxes.map(\.ledger), delta: Self.delta),
      bytesSent: outboxes.map(\.byteCount), seconds: clock.durations,
      votes: try classes.logPosterior?.softmax(), voteChoice: classes.choice)
  }
}
