extension LedgerStatement {
  /// Where the ledger stands.
  public var position: LedgerPosition {
    get throws { try LedgerPosition(genesis: genesis, head: head, chainLength: chainLength) }
  }

  /// Refuses a ledger that is not the anchor's, or has not come as far.
  ///
  /// - Parameter anchor: What was kept elsewhere.
  /// - Throws: ``LedgerError/anotherLedger(_:)`` or
  ///   ``LedgerError/olderCopy(_:chainLength:anchored:)``.
  public func check(continuesFrom anchor: LedgerAnchor) throws {
    let position = anchor.position
    guard position.genesis == genesis, anchor.publicKey.map({ $0 == publicKey }) ?? true else {
      throw LedgerError.anotherLedger(path)
    }
    guard hash(ofLink: position.chainLength) == position.head else {
      throw LedgerError.olderCopy(
        path, chainLength: chainLength, anchored: position.chainLength)
    }
  }
}

extension DurableLedger {
  /// Opens a ledger for spending if it continues from an anchor, and verifies all of it.
  ///
  /// - Parameters:
  ///   - path: A ledger that no process has open.
  ///   - anchor: What was kept elsewhere.
  /// - Throws: ``LedgerError/anotherLedger(_:)`` or
  ///   ``LedgerError/olderCopy(_:chainLength:anchored:)`` when it does not continue from there, and
  ///   as ``open(at:)``; nothing is spent then.
  /// - Complexity: Reads the whole file.
  public static func open(
    at path: String, continuingFrom anchor: LedgerAnchor
  ) throws -> DurableLedger {
    let ledger = try open(at: path)
    do {
      try ledger.statement().check(continuesFrom: anchor)
    } catch {
      try? ledger.close()
      throw error
    }
    return ledger
  }

  /// A note of where the ledger stands now, to be kept elsewhere.
  ///
  /// - Throws: As ``statement()``.
  /// - Complexity: Reads the whole file.
  public func anchor() throws -> LedgerAnchor {
    try LedgerAnchor(statement(), signedBy: signingKey)
  }
}
