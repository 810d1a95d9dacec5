public import LocalPrivacy

/// The releases of one message through a durable ledger.
public struct DurableReleases: ReleasingLedger {
  private let ledger: DurableLedger
  private let payingAgain: Bool

  /// - Parameters:
  ///   - ledger: The party's.
  ///   - payingAgain: Whether debits that were interrupted may be paid once more.
  public init(_ ledger: DurableLedger, payingAgain: Bool) {
    self.ledger = ledger
    self.payingAgain = payingAgain
  }

  /// - Throws: As ``DurableLedger`` does for the same release.
  public func release(
    _ values: Clipped, through mechanism: NumericMechanism, as name: String
  ) throws -> Released {
    try ledger.release(values, through: mechanism, as: name, payingAgain: payingAgain)
  }

  /// - Throws: As ``DurableLedger`` does for the same release.
  public func release(
    _ labels: [Int], through response: RandomizedResponse, as name: String
  ) throws -> Released {
    try ledger.release(labels, through: response, as: name, payingAgain: payingAgain)
  }
}

extension DurableLedger {
  /// Refuses a message of several releases as a whole when not all of them can be paid, before the
  /// first is drawn. Those that were paid before cost nothing more.
  ///
  /// - Parameters:
  ///   - expenditures: All that the message consists of.
  ///   - name: What the message is, for the error.
  /// - Throws: ``LedgerError/noLimit(_:)``, `PrivacyError.budgetExceeded`, and as ``statement()``.
  public func check(_ expenditures: [Expenditure], as name: String) throws {
    guard let limit = limits.values else { throw LedgerError.noLimit(.value) }
    let (verified, _) = try file.verified()
    let paid = Set(verified.chain.expenditures.map(\.name))
    let rest = expenditures.filter { !paid.contains($0.name) }
    guard !rest.isEmpty else { return }
    try limit.admit(rest, after: verified.chain.expenditures, as: name)
  }
}
