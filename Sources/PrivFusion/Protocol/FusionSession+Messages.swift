public import LocalPrivacy
internal import Models
internal import Symmetry
internal import Tensors

/// The protocol one message at a time, for parties that are not in one process.
extension FusionSession {
  /// A party's message of the first round: signatures in its own order, votes, scales.
  ///
  /// - Parameters:
  ///   - model: The party's trained model.
  ///   - ledger: The party's; every release is debited in it before its noise is drawn.
  /// - Returns: What leaves the party, in the protocol's order.
  /// - Throws: ``FusionError/notRandomized`` for an open session, and what the ledger throws.
  public func signature(
    of model: PartyModel, through ledger: any ReleasingLedger
  ) throws -> [Released] {
    guard settings.disclosure != .open else { throw FusionError.notRandomized }
    let party = try PreparedParty(model, self)
    var outbox = Outbox(settings, ledger: ledger, keepsReleases: true)
    _ = try FirstMessage(self, through: &outbox) { party }
    return outbox.releases
  }

  /// A party's message of the third round: its weights in the common order, or their differences to
  /// the common start.
  ///
  /// - Parameters:
  ///   - model: The party's trained model, the same as in the first round.
  ///   - index: Which of `signatures` is the party's own.
  ///   - signatures: The first message of every party, in an order that is the same for everyone.
  ///   - ledger: As in the first round.
  /// - Returns: What leaves the party, in the protocol's order.
  /// - Throws: ``FusionError/notRandomized``, ``FusionError/unexpectedMessage(sender:reason:)`` or
  ///   ``FusionError/releaseCount(sender:expected:found:)`` for a message that is not of this
  ///   session, and what the ledger throws.
  public func weights(
    of model: PartyModel, at index: Int, signatures: [any ReleaseSource],
    through ledger: any ReleasingLedger
  ) throws -> [Released] {
    precondition(settings.messages == .everything, "who sends weights sends everything")
    let (first, _) = try read(signatures)
    let party = try PreparedParty(model, self)
    let permutations = try match([index: party], first).permutations[index] ?? [:]
    var outbox = Outbox(settings, ledger: ledger, keepsReleases: true)
    for name in architecture.pass.graph.parameterNames {
      _ = try outbox.numbers(weightItem(name, scales: first.scales)) {
        try aligned(name, of: party, by: permutations)
      }
    }
    return outbox.releases
  }

  /// Fuses what all parties sent; anyone can, and on one machine everyone gets the same.
  ///
  /// - Parameters:
  ///   - signatures: The first message of every party, at least one.
  ///   - weights: The third round's, in the same order of parties.
  ///   - progress: Hears of every phase and of how far it is, in [0, 1]; cancels by throwing.
  /// - Throws: ``FusionError/noParties``, and as ``weights(of:at:signatures:through:)``.
  public func combine(
    signatures: [any ReleaseSource], weights: [any ReleaseSource],
    progress: FusionProgress = { _, _ in }
  ) throws -> FusionOutcome {
    precondition(
      signatures.count == weights.count && settings.messages == .everything,
      "every party sends both messages")
    var clock = PhaseClock()
    let (first, firstBoxes) = try clock.measure(.release) {
      try progress(.release, 0)
      return try read(signatures)
    }
    let classes = try decode(first, &clock, progress)
    let matched = try clock.measure(.match) {
      try progress(.match, 0)
      return try match([:], first)
    }
    var inboxes = weights.map { Inbox(settings, source: $0) }
    let average = try clock.measure(.releaseWeights) {
      let average = try AveragedWeights(
        self, scales: first.scales, through: &inboxes, progress: progress
      ) { _, _ in throw FusionError.notRandomized }
      for inbox in inboxes { try inbox.checkEnd() }
      return average
    }
    return try FusionEnding(
      session: self, first: first, classes: classes, signatures: matched.signatures, own: nil,
      normalization: NormalizationTargets(measured: matched.statistics)
    ).run(
      average,
      statement: PrivacyStatement(
        zip(firstBoxes, inboxes).map { $0.expenditures + $1.expenditures }, delta: Self.delta),
      bytesSent: zip(firstBoxes, inboxes).map { $0.byteCount + $1.byteCount }, &clock, progress)
  }

  /// The first round as everyone reads it.
  private func read(
    _ signatures: [any ReleaseSource]
  ) throws -> (round: FirstRound, inboxes: [Inbox]) {
    guard !signatures.isEmpty else { throw FusionError.noParties }
    var inboxes = signatures.map { Inbox(settings, source: $0) }
    let messages = try inboxes.indices.map { index in
      let message = try FirstMessage(self, through: &inboxes[index]) {
        throw FusionError.notRandomized
      }
      try inboxes[index].checkEnd()
      return message
    }
    return (try FirstRound(self, messages), inboxes)
  }
}
