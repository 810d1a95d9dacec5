/// What a party says of bytes that it released: their loss, the mechanism's integers, and where its
/// ledger stood, signed.
///
/// It is made from a ledger alone, and verified without ledger, data or model. The signature shows who
/// says so, and ``verify(expecting:)`` that the losses follow from the integers. That the party drew its
/// noise so can't be seen from outside: that is its word.
///
/// A receipt says in the order of NIST SP 800-226: epsilon and unit, mechanism, accounting, bias, side
/// channels, trust model, security, access control, data collection. <doc:Receipts> tells it field by
/// field.
public struct PrivacyReceipt: Hashable, Sendable {
  /// One release, as the ledger debited and stored it.
  public struct Release: Hashable, Sendable {
    public enum Loss: Hashable, Sendable {
      /// So many values, each at its own loss.
      case values(Expenditure)
      /// One answer about records.
      case record(RecordLoss)
    }

    /// The number of its debit in the ledger, from 1.
    public let entry: Int
    /// The name under which the ledger debited it.
    public let name: String
    public let loss: Loss
    /// The length of the stored bytes.
    public let byteCount: Int
    /// SHA-256 of the stored bytes, 64 lower-case digits.
    public let digest: String

    /// - Parameters:
    ///   - entry: The number of its debit, from 1.
    ///   - name: The name of the debit.
    ///   - loss: What it cost; values with their mechanism's parameters.
    ///   - byteCount: The length of the stored bytes.
    ///   - digest: SHA-256 of the stored bytes, of 32 bytes.
    package init(entry: Int, name: String, loss: Loss, byteCount: Int, digest: [UInt8]) {
      precondition(entry >= 1 && byteCount >= 0 && digest.count == 32)
      self.init(
        entry: entry, name: name, loss: loss, byteCount: byteCount,
        digest: Hexadecimal.text(of: digest))
    }

    init(entry: Int, name: String, loss: Loss, byteCount: Int, digest: String) {
      self.entry = entry
      self.name = name
      self.loss = loss
      self.byteCount = byteCount
      self.digest = digest
    }

    /// What one loss protects.
    public var unit: PrivacyUnit {
      switch loss {
      case .values(let expenditure): expenditure.unit
      case .record: .record
      }
    }

    /// The loss of one released datum, or of the answer about records.
    public var epsilon: Double {
      switch loss {
      case .values(let expenditure): expenditure.epsilon
      case .record(let loss): loss.epsilon
      }
    }

    /// 0 for values.
    public var delta: Double {
      switch loss {
      case .values: 0
      case .record(let loss): loss.delta
      }
    }
  }

  /// Where a ledger stood: enough to tell an older copy of it.
  public struct LedgerPosition: Hashable, Sendable, Codable {
    /// The hash that the chain begins with, 64 lower-case digits: which ledger it is.
    public let genesis: String
    /// The hash of the last link, 64 lower-case digits.
    public let head: String
    /// The number of links: debits and results.
    public let chainLength: Int

    enum CodingKeys: String, CodingKey {
      case genesis, head
      case chainLength = "chain_length"
    }

    /// - Parameters:
    ///   - genesis: The hash that the chain begins with, 64 lower-case digits.
    ///   - head: The hash of the last link, 64 lower-case digits.
    ///   - chainLength: The number of links.
    package init(genesis: String, head: String, chainLength: Int) {
      self.genesis = genesis
      self.head = head
      self.chainLength = chainLength
    }
  }

  static let version = 1
  static let format = "PrivFusion privacy receipt"

  /// What it is about, by rising entries: values of one unit, or one answer about records.
  public let releases: [Release]
  /// All bounds of what the releases lose together.
  public let composed: [LossBound]
  /// All bounds of what all debits of the ledger lose together, those without a result included.
  public let ledgerComposed: [LossBound]
  /// Where the ledger stood when the receipt was made.
  public let ledger: LedgerPosition
  /// The signer's key, 64 lower-case digits.
  public let publicKey: String
  /// Ed25519, 128 lower-case digits.
  public let signature: String

  init(
    releases: [Release], composed: [LossBound], ledgerComposed: [LossBound],
    ledger: LedgerPosition, publicKey: String, signature: String
  ) {
    self.releases = releases
    self.composed = composed
    self.ledgerComposed = ledgerComposed
    self.ledger = ledger
    self.publicKey = publicKey
    self.signature = signature
  }

  /// Makes and signs a receipt. Only for a ledger, which knows what was released.
  ///
  /// - Parameters:
  ///   - releases: By rising entries; values of one unit, or one answer about records.
  ///   - debits: All debits of values of the ledger.
  ///   - records: All debits about records of the ledger together; nil when there are none.
  ///   - delta: At which losses of values are composed beside their pure sum, in 0 ..< 1; 0 for the sum
  ///     alone.
  ///   - ledger: Where the ledger stands.
  ///   - key: The ledger's.
  /// - Throws: ``PrivacyError/receiptNotStated(_:)`` for releases that no receipt can be about;
  ///   ``PrivacyError/mixedUnits(_:_:)``, ``PrivacyError/deltaOutOfRange(_:)``.
  package init(
    of releases: [Release], debits: [Expenditure], records: ComposedRecordLoss?, delta: Double,
    ledger: LedgerPosition, signedBy key: SigningKey
  ) throws {
    let unsigned = PrivacyReceipt(
      releases: releases, composed: try Self.bounds(of: releases, delta: delta),
      ledgerComposed: try Self.ledgerBounds(debits: debits, records: records, delta: delta),
      ledger: ledger, publicKey: Hexadecimal.text(of: key.verificationKey.rawRepresentation),
      signature: "")
    do {
      try unsigned.checkPlausible()
    } catch PrivacyError.receiptMalformed {
      throw PrivacyError.receiptNotStated(releases.first?.name ?? "")
    }
    let signature = try key.signature(of: unsigned.message)
    self.init(
      releases: releases, composed: unsigned.composed, ledgerComposed: unsigned.ledgerComposed,
      ledger: ledger, publicKey: unsigned.publicKey, signature: Hexadecimal.text(of: signature))
    guard text.utf8.count <= Self.greatestLength else {
      throw PrivacyError.receiptNotStated(releases.first?.name ?? "")
    }
  }

  /// The least bound of what the releases lose together.
  public var tightest: [LossBound] { composed.tightest }

  /// The least bound, for each unit, of what all debits of the ledger lose together.
  public var ledgerTightest: [LossBound] { ledgerComposed.tightest }

  /// All bounds of what the releases lose together.
  static func bounds(of releases: [Release], delta: Double) throws -> [LossBound] {
    if case .record(let loss)? = releases.first?.loss { return LossBound.all(of: loss) }
    return try bounds(of: releases.compactMap(\.expenditure), delta: delta)
  }

  /// All bounds of what a ledger's debits lose together.
  ///
  /// - Parameters:
  ///   - debits: All debits of values.
  ///   - records: All debits about records together; nil when there are none.
  ///   - delta: At which losses of values are composed beside their pure sum, in 0 ..< 1.
  /// - Throws: ``PrivacyError/mixedUnits(_:_:)``, ``PrivacyError/deltaOutOfRange(_:)``.
  package static func ledgerBounds(
    debits: [Expenditure], records: ComposedRecordLoss?, delta: Double
  ) throws -> [LossBound] {
    try bounds(of: debits, delta: delta) + (records.map(LossBound.all) ?? [])
  }

  private static func bounds(of debits: [Expenditure], delta: Double) throws -> [LossBound] {
    debits.isEmpty ? [] : LossBound.all(of: try Composition(ofModel: debits).loss(delta: delta))
  }
}

extension PrivacyReceipt.Release {
  /// Nil for an answer about records.
  var expenditure: Expenditure? {
    if case .values(let expenditure) = loss { expenditure } else { nil }
  }

  /// Nil for values.
  var recordLoss: RecordLoss? {
    if case .record(let loss) = loss { loss } else { nil }
  }
}
