public import LocalPrivacy

/// The releases of one message through a durable ledger.
public struct DurableReleases: ReleasingLedger {
  private let ledger: DurableLedger
  private let purpose: LedgerPurpose?
  private let payingAgain: Bool

  /// - Parameters:
  ///   - ledger: The party's.
  ///   - purpose: What the message is.
  ///   - payingAgain: Whether debits that were interrupted may be paid once more.
  public init(_ ledger: DurableLedger, for purpose: LedgerPurpose? = nil, payingAgain: Bool) {
    self.ledger = ledger
    self.purpose = purpose
    self.payingAgain = payingAgain
  }

  /// - Throws: As ``DurableLedger`` does for the same release.
  public func release(
    _ values: Clipped, through mechanism: NumericMechanism, as name: String
  ) throws -> Released {
    try ledger.release(values, through: mechanism, as: name, for: purpose, payingAgain: payingAgain)
  }

  /// - Throws: As ``DurableLedger`` does for the same release.
  public func release(
    _ labels: [Int], through response: RandomizedResponse, as name: String
  ) throws -> Released {
    try ledger.release(labels, through: response, as: name, for: purpose, payingAgain: payingAgain)
  }
}

extension DurableLedger {
  /// Refuses a message of several releases as a whole when not all of them can be paid, before the
  /// first is drawn. Those whose outputs are stored cost nothing more.
  ///
  /// - Parameters:
  ///   - expenditures: All that the message consists of.
  ///   - name: What the message is, for the error.
  ///   - purpose: What the message is, for the limits.
  ///   - payingAgain: Whether debits that were interrupted may be paid once more.
  /// - Throws: ``LedgerError/noLimit(_:)``, ``LedgerError/unfinished(name:entry:)``,
  ///   ``LedgerError/purposeExceeded(_:name:limit:after:)``, `PrivacyError.budgetExceeded`, and as
  ///   ``statement()``.
  public func check(
    _ expenditures: [Expenditure], as name: String, for purpose: LedgerPurpose? = nil,
    payingAgain: Bool
  ) throws {
    try statement().check(expenditures, as: name, for: purpose, payingAgain: payingAgain)
  }

  /// Whether the outputs of all these releases are stored, so that asking for them costs nothing.
  public func isStored(_ expenditures: [Expenditure]) throws -> Bool {
    let stored = Self.stored(in: try file.verified().0.chain)
    return expenditures.allSatisfy { stored.contains($0.name) }
  }

  private static func stored(in chain: LedgerChain) -> Set<String> {
    Set(chain.debits.filter { $0.completion != nil }.map(\.reservation.name))
  }
}

extension LedgerStatement {
  /// Refuses a message that the ledger can't pay, as `DurableLedger.check` does, of a ledger that is
  /// only read.
  ///
  /// - Parameters:
  ///   - expenditures: All that the message consists of.
  ///   - name: What the message is, for the error.
  ///   - purpose: What the message is, for the limits.
  ///   - payingAgain: Whether debits that were interrupted may be paid once more.
  /// - Throws: ``LedgerError/noLimit(_:)``, ``LedgerError/unfinished(name:entry:)``,
  ///   ``LedgerError/purposeExceeded(_:name:limit:after:)`` or `PrivacyError.budgetExceeded`.
  public func check(
    _ expenditures: [Expenditure], as name: String, for purpose: LedgerPurpose? = nil,
    payingAgain: Bool
  ) throws {
    guard limits.values != nil else { throw LedgerError.noLimit(.value) }
    let stored = Set(entries.filter(\.isCompleted).map(\.name))
    let rest = expenditures.filter { !stored.contains($0.name) }
    guard !rest.isEmpty else { return }
    let names = Set(rest.map(\.name))
    if !payingAgain, let interrupted = entries.last(where: { names.contains($0.name) }) {
      throw LedgerError.unfinished(name: interrupted.name, entry: interrupted.id)
    }
    let earlier = entries.compactMap { entry -> LedgerLimits.Payment? in
      guard case .values(let expenditure) = entry.loss else { return nil }
      return LedgerLimits.Payment(expenditure: expenditure, purpose: entry.purpose)
    }
    try limits.admit(rest, for: purpose, after: earlier, as: name)
  }
}
