internal import GRDB
public import LocalPrivacy

/// Which releases of a ledger a receipt is about.
public enum ReceiptSubject: Sendable, Hashable {
  /// By the numbers of their debits.
  case entries([EntryID])
  /// By their names.
  case names([String])
}

extension DurableLedger {
  /// A signed receipt of releases, made from what the ledger holds: of past ones too.
  ///
  /// What all debits compose to, and the head, are those of now.
  ///
  /// - Parameters:
  ///   - subject: Values of one unit, or one answer about records; at least one.
  ///   - delta: At which losses of values are composed beside their pure sum, in 0 ..< 1; 0 for the sum
  ///     alone.
  /// - Throws: ``LedgerError/nothingReleased(_:)`` for a debit without a result and for none;
  ///   `PrivacyError.receiptNotStated` for one whose integers are not known, for records beside other
  ///   releases, and for too many; `PrivacyError.deltaOutOfRange`; as ``statement()``.
  /// - Complexity: Reads the whole file.
  public func receipt(for subject: ReceiptSubject, delta: Double) throws -> PrivacyReceipt {
    try file.receipt(for: subject, delta: delta)
  }

  /// A signed receipt of releases of a ledger that is only read.
  ///
  /// - Parameters:
  ///   - subject: As for ``receipt(for:delta:)``.
  ///   - path: A ledger that no process spends from.
  ///   - delta: As for ``receipt(for:delta:)``.
  /// - Throws: As ``receipt(for:delta:)`` and ``open(at:)``.
  /// - Complexity: Reads the whole file.
  public static func receipt(
    for subject: ReceiptSubject, ofLedgerAt path: String, delta: Double
  ) throws -> PrivacyReceipt {
    let file = try LedgerFile.open(at: path, for: .reading)
    defer { try? file.close() }
    return try file.receipt(for: subject, delta: delta)
  }

  /// Compares a verified receipt with a ledger: its key, its position and every release.
  ///
  /// - Parameters:
  ///   - receipt: One whose signature was verified.
  ///   - path: A ledger that no process spends from.
  /// - Throws: ``LedgerError/otherReceipt(_:what:)`` when the ledger is another, an older copy, or
  ///   says otherwise; as ``open(at:)``.
  /// - Complexity: Reads the whole file.
  public static func check(_ receipt: PrivacyReceipt, withLedgerAt path: String) throws {
    let file = try LedgerFile.open(at: path, for: .reading)
    defer { try? file.close() }
    let (verified, limits) = try file.verified()
    let key = try SigningKey(rawRepresentation: verified.header.signingKey).verificationKey
    func require(_ holds: Bool, _ what: String) throws {
      guard holds else { throw LedgerError.otherReceipt(path, what: what) }
    }
    try require(
      Hexadecimal.text(of: key.rawRepresentation) == receipt.publicKey, "it has another key")
    let hashes = verified.chain.hashes
    try require(Hexadecimal.text(of: hashes[0]) == receipt.ledger.genesis, "it is another ledger")
    try require(
      receipt.ledger.chainLength < hashes.count,
      "it is an older copy, without what the receipt knows of; do not spend from it")
    try require(
      Hexadecimal.text(of: hashes[receipt.ledger.chainLength]) == receipt.ledger.head,
      "it does not continue from the receipt's head; do not spend from it")
    for release in receipt.releases {
      try require(
        verified.chain.debit(release.entry)?.bears(release) == true,
        "its entry \(release.entry) says otherwise")
    }
    let then = verified.chain.debits.filter { $0.entry <= receipt.ledger.chainLength }
    let spent = try PrivacyReceipt.ledgerBounds(
      debits: then.compactMap(\.expenditure), records: limits.composed(then),
      delta: receipt.composed.map(\.delta).max() ?? 0)
    try require(
      receipt.ledgerComposed == spent, "what all its debits lose is not what the receipt says")
  }
}

extension LedgerFile {
  fileprivate func receipt(for subject: ReceiptSubject, delta: Double) throws -> PrivacyReceipt {
    let (verified, limits) = try verified()
    let chain = verified.chain
    let debits = try chain.debits(of: subject)
    let byteCounts = try transaction(.deferred) { database in
      try debits.map { debit in
        try verified.checkResult(of: debit, in: database, path: path)
        return try verified.results(in: database).byteCount(of: debit.entry)
      }
    }
    return try PrivacyReceipt(
      of: zip(debits, byteCounts).map { try $0.release(byteCount: $1) },
      debits: chain.payments.map(\.expenditure),
      records: limits.composed(chain.debits),
      delta: delta,
      ledger: PrivacyReceipt.LedgerPosition(
        genesis: Hexadecimal.text(of: chain.hashes[0]),
        head: Hexadecimal.text(of: chain.head), chainLength: chain.count),
      signedBy: try SigningKey(rawRepresentation: verified.header.signingKey))
  }
}

extension LedgerLimits {
  /// What debits about records lose together; nil when there are none.
  fileprivate func composed(_ debits: [LedgerChain.Debit]) -> ComposedRecordLoss? {
    let losses = debits.compactMap { debit -> RecordLedger.Debit? in
      guard case .record(let loss) = debit.loss else { return nil }
      return RecordLedger.Debit(name: debit.reservation.name, loss: loss)
    }
    return losses.isEmpty
      ? nil : records.map { RecordLedger(limit: $0, restoring: losses).composed }
  }
}

extension LedgerChain {
  /// The completed debits of a receipt, in order and each once.
  fileprivate func debits(of subject: ReceiptSubject) throws -> [Debit] {
    let found: [Debit]
    switch subject {
    case .entries(let entries):
      found = try entries.map { entry in
        guard let debit = debit(entry.number), debit.completion != nil else {
          throw LedgerError.nothingReleased("entry \(entry)")
        }
        return debit
      }
    case .names(let names):
      found = try names.map { name in
        guard
          let debit = debits.first(where: {
            $0.reservation.name == name && $0.completion != nil
          })
        else { throw LedgerError.nothingReleased(name.debugDescription) }
        return debit
      }
    }
    guard !found.isEmpty else { throw LedgerError.nothingReleased("no name at all") }
    let entries = Set(found.map(\.entry))
    return debits.filter { entries.contains($0.entry) }
  }
}

extension LedgerChain.Debit {
  /// What a receipt says of it. A debit that recorded no integers has those of its loss.
  fileprivate func release(byteCount: Int) throws -> PrivacyReceipt.Release {
    PrivacyReceipt.Release(
      entry: entry, name: reservation.name, loss: try statedLoss, byteCount: byteCount,
      digest: completion?.digest ?? [])
  }

  /// Whether a receipt's release is this debit's.
  fileprivate func bears(_ release: PrivacyReceipt.Release) -> Bool {
    guard let completion, let stated = try? statedLoss else { return false }
    return release.name == reservation.name && release.loss == stated
      && release.digest == Hexadecimal.text(of: completion.digest)
  }

  /// Nil for a debit about records.
  fileprivate var expenditure: Expenditure? {
    if case .values(let expenditure) = loss { expenditure } else { nil }
  }

  private var statedLoss: PrivacyReceipt.Release.Loss {
    get throws {
      switch loss {
      case .record(let loss): return .record(loss)
      case .values(let expenditure):
        let known =
          expenditure.parameters ?? MechanismParameters(lossAlone: expenditure.epsilon)
        return .values(
          try Expenditure(
            name: expenditure.name, count: expenditure.count, epsilon: expenditure.epsilon,
            unit: expenditure.unit, mechanismName: expenditure.mechanismName,
            parameters: known))
      }
    }
  }
}
