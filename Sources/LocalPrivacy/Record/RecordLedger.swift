/// What was taken from the privacy of a party's records: the only source of a ``NoiseGrant``.
///
/// A procedure is debited whole before its first step; one that would go over the limit is
/// refused, draws nothing and costs nothing. Steps that are never released are not given back.
///
/// A ledger is a value, held in memory. Copies do not know of each other, so that an owner keeps
/// one, and a durable ledger stores `debit(_:delta:as:)`'s answer before it makes a grant.
public struct RecordLedger: Sendable {
  /// One procedure that was paid for.
  public struct Debit: Hashable, Sendable, Encodable {
    public let name: String
    public let loss: RecordLoss

    package init(name: String, loss: RecordLoss) {
      self.name = name
      self.loss = loss
    }
  }

  public let limit: RecordBudget
  /// All debits, in order; never less than what was released.
  public private(set) var debits: [Debit]

  public init(limit: RecordBudget) { self.init(limit: limit, restoring: []) }

  /// A ledger with debits that were kept where nobody else writes.
  package init(limit: RecordBudget, restoring debits: [Debit]) {
    self.limit = limit
    self.debits = debits
  }

  /// Debits a procedure and gives the right to its releases.
  ///
  /// - Parameters:
  ///   - procedure: What will be released.
  ///   - delta: The share of delta at which the procedure's own loss is stated.
  ///   - name: What it is for; not empty and not used before.
  /// - Throws: ``PrivacyError/recordBudgetExceeded(name:limit:after:)`` and spends nothing;
  ///   ``PrivacyError/emptyRelease`` without a name, ``PrivacyError/nameTaken(_:)``; as
  ///   ``RecordLoss/init(of:delta:)``.
  public mutating func grant(
    _ procedure: GaussianProcedure, delta: Double, as name: String
  ) throws -> NoiseGrant {
    NoiseGrant(try debit(procedure, delta: delta, as: name).loss)
  }

  /// The debit alone, for a ledger that must store it before any noise is drawn.
  ///
  /// - Throws: As ``grant(_:delta:as:)``.
  package mutating func debit(
    _ procedure: GaussianProcedure, delta: Double, as name: String
  ) throws -> Debit {
    guard !name.isEmpty else { throw PrivacyError.emptyRelease }
    guard !debits.contains(where: { $0.name == name }) else { throw PrivacyError.nameTaken(name) }
    let debit = Debit(name: name, loss: try RecordLoss(of: procedure, delta: delta))
    try admit(debit.loss, as: name)
    debits.append(debit)
    return debit
  }

  /// Whether one more loss keeps within the limit; debits nothing.
  ///
  /// - Throws: ``PrivacyError/recordBudgetExceeded(name:limit:after:)``.
  package func admit(_ loss: RecordLoss, as name: String) throws {
    let after = RecordComposition.compose(debits.map(\.loss) + [loss], delta: limit.delta)
    guard after.epsilon <= limit.epsilon else {
      throw PrivacyError.recordBudgetExceeded(
        name: name, limit: limit.epsilon, after: after.epsilon)
    }
  }

  /// The loss of all debits together, at the limit's delta.
  public var composed: ComposedRecordLoss {
    RecordComposition.compose(debits.map(\.loss), delta: limit.delta)
  }
}
