public import LocalPrivacy

/// What a verified ledger says: limits, entries, and what is spent and left.
public struct LedgerStatement: Sendable {
  /// One debit, and whether its result is stored.
  public struct Entry: Sendable {
    public enum Loss: Sendable {
      case record(RecordLoss)
      case values(Expenditure)
    }

    public let id: EntryID
    /// Seconds since 1970, UTC, by the clock of the machine.
    public let time: Int
    public let name: String
    public let loss: Loss
    /// What it was for; nil where the release did not say so, or the ledger is of the first format.
    public let purpose: LedgerPurpose?
    /// The keyed fingerprint of the request, 64 hexadecimal digits.
    public let fingerprint: String
    /// Whether the result is stored; without one the request was interrupted or still runs.
    public let isCompleted: Bool

    /// What the loss protects.
    public var unit: PrivacyUnit {
      switch loss {
      case .record: .record
      case .values(let expenditure): expenditure.unit
      }
    }
  }

  /// Where the ledger was read.
  public let path: String
  /// Seconds since 1970, UTC.
  public let created: Int
  public let limits: LedgerLimits
  /// What the party's certificates are verified with; its fingerprint is for reading aloud.
  public let publicKey: VerificationKey
  /// All debits, in order.
  public let entries: [Entry]
  /// The number of links in the chain: debits and results.
  public let chainLength: Int
  /// The hash of the head of the file, with which the chain begins, 64 hexadecimal digits: no two
  /// ledgers have the same.
  public let genesis: String
  /// The hash of the last link, 64 hexadecimal digits: what to keep elsewhere, and compare.
  public let head: String
  /// The genesis and the hashes of all links, in order.
  private let heads: [String]
  /// The loss of all debits about records, at the limit's delta; nil without a limit.
  public let spentOnRecords: ComposedRecordLoss?
  /// What the limit of values counts of all releases; nil without a limit.
  public let spentOnValues: Double?

  /// Reads a ledger that no process spends from, and verifies all of it.
  ///
  /// - Parameter path: The ledger; it may be a read-only copy.
  /// - Throws: As `DurableLedger.open(at:)`.
  /// - Complexity: Reads the whole file.
  public init(ofLedgerAt path: String) throws {
    let file = try LedgerFile.open(at: path, for: .reading)
    defer { try? file.close() }
    let (verified, limits) = try file.verified()
    try self.init(verified, limits: limits, path: path)
  }

  /// Whether this is the ledger that once had the given head, or what became of it.
  ///
  /// An older copy that was put back does not continue from a head that was kept after it.
  /// - Parameter head: What ``head`` was, 64 hexadecimal digits in lower case.
  public func continues(from head: String) -> Bool { heads.contains(head) }

  /// The hash of a link, from 1, or the genesis for 0; nil for a link that is not there.
  func hash(ofLink link: Int) -> String? { heads.indices.contains(link) ? heads[link] : nil }

  /// What all debits for a purpose count of its limit: those of values or those about records, whichever
  /// is more.
  ///
  /// - Parameter purpose: One that ``LedgerLimits/purposes`` limits; nothing is spent of any other.
  /// - Throws: What composing throws.
  public func spent(for purpose: LedgerPurpose) throws -> Double {
    guard let cap = limits.purposes[purpose] else { return 0 }
    var payments: [Expenditure] = []
    var records: [RecordLedger.Debit] = []
    for entry in entries where entry.purpose == purpose {
      switch entry.loss {
      case .values(let expenditure): payments.append(expenditure)
      case .record(let loss): records.append(RecordLedger.Debit(name: entry.name, loss: loss))
      }
    }
    let ofRecords = try limits.records.map {
      RecordLedger(limit: try RecordBudget(epsilon: cap, delta: $0.delta), restoring: records)
        .composed.epsilon
    }
    return max(try limits.values?.spent(by: payments) ?? 0, records.isEmpty ? 0 : ofRecords ?? 0)
  }

  init(_ verified: LedgerVerification, limits: LedgerLimits, path: String) throws {
    self.path = path
    let chain = verified.chain
    created = verified.header.created
    self.limits = limits
    publicKey = try SigningKey(rawRepresentation: verified.header.signingKey).verificationKey
    entries = chain.debits.map { debit in
      let loss: Entry.Loss =
        switch debit.loss {
        case .record(let loss): .record(loss)
        case .values(let expenditure): .values(expenditure)
        }
      return Entry(
        id: EntryID(debit.entry), time: debit.time, name: debit.reservation.name, loss: loss,
        purpose: debit.purpose,
        fingerprint: Hexadecimal.text(of: debit.reservation.fingerprint),
        isCompleted: debit.completion != nil)
    }
    chainLength = chain.count
    head = Hexadecimal.text(of: chain.head)
    heads = chain.hashes.map(Hexadecimal.text)
    genesis = heads[0]
    spentOnRecords = limits.records.map {
      RecordLedger(limit: $0, restoring: chain.recordDebits()).composed
    }
    spentOnValues = try limits.values?.spent(by: chain.payments.map(\.expenditure))
  }
}
