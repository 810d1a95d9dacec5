internal import GRDB
public import LocalPrivacy

extension DurableLedger {
  /// Debits a procedure about records and gives the right to its noise, or its stored result.
  ///
  /// - Parameters:
  ///   - procedure: What will be released.
  ///   - delta: The share of delta at which the procedure's own loss is stated.
  ///   - name: What it is for; it stands for one request in this ledger.
  ///   - fingerprint: A digest of all that decides the result: data, settings, version. Only a
  ///     keyed hash of it is stored.
  ///   - purpose: What it is for, in one word: a limit may hold for that alone.
  ///   - byteCount: About how long the result will be: nothing is debited unless the disk has room for
  ///     it.
  ///   - payingAgain: Whether a debit of the same request that was interrupted may be paid once
  ///     more. What it drew may have left the process, so it is never refunded.
  /// - Throws: ``LedgerError/unfinished(name:entry:)`` for an interrupted request unless
  ///   `payingAgain`; ``LedgerError/nameTaken(_:)``; ``LedgerError/noLimit(_:)``;
  ///   ``LedgerError/diskFull(_:)``, ``LedgerError/damaged(_:entry:what:)`` and
  ///   ``LedgerError/storage(_:reason:)``; `PrivacyError.recordBudgetExceeded` over the limit,
  ///   ``LedgerError/purposeExceeded(_:name:limit:after:)`` over that of the purpose, and
  ///   what `RecordLoss` throws. Nothing is spent then.
  /// - Complexity: O(entries), and the accountant's.
  public func grant(
    _ procedure: GaussianProcedure, delta: Double, as name: String, fingerprint: [UInt8],
    for purpose: LedgerPurpose? = nil, expecting byteCount: Int = 0, payingAgain: Bool = false
  ) throws -> GrantOutcome {
    guard limits.records != nil else { throw LedgerError.noLimit(.record) }
    guard !name.isEmpty else { throw PrivacyError.emptyRelease }
    let loss = try RecordLoss(of: procedure, delta: delta)
    try requireRoom(for: byteCount)
    let request = Request(
      name: name, loss: StoredLoss(loss), contents: RequestContents(fingerprint), purpose: purpose,
      payingAgain: payingAgain)
    let reservation = try file.transaction { database in
      try reserve(request, in: database) { chain in
        try limits.admit(loss, as: name, for: purpose, after: chain)
      }
    }
    switch reservation {
    case .stored(let entry, let verified):
      return .repeated(
        try file.access { try verified.results(in: $0).result(of: entry.number) })
    case .reserved(let entry): return .fresh(NoiseGrant(loss), entry)
    }
  }

  /// Stores the result of a grant. Only when this has returned may the bytes be handed out.
  ///
  /// - Parameters:
  ///   - entry: What ``grant(_:delta:as:fingerprint:for:expecting:payingAgain:)`` gave with the noise.
  ///   - bytes: The released result, of any size; the same request gives it again for good.
  /// - Throws: ``LedgerError/notReserved(_:)``; ``LedgerError/alreadyCompleted(name:)`` unless
  ///   the stored bytes are the same; ``LedgerError/diskFull(_:)``,
  ///   ``LedgerError/damaged(_:entry:what:)`` or ``LedgerError/storage(_:reason:)``. The debit
  ///   stays, and completing may be tried again with the same bytes.
  /// - Complexity: O(entries + bytes).
  public func complete(_ entry: EntryID, with bytes: [UInt8]) throws {
    try file.transaction { database in
      try complete(entry, unit: .record, with: bytes, in: database)
    }
  }
}
