internal import Foundation

/// Reading a receipt that someone sent.
extension PrivacyReceipt {
  /// The longest receipt that is read or made, in bytes.
  public static let greatestLength = 1 << 20
  /// The greatest number of releases of a receipt.
  static let greatestReleases = 4096

  /// Reads what ``text`` wrote, and nothing else: not another order, case, spacing, field or note.
  ///
  /// The signature is not verified here.
  ///
  /// - Parameter contents: The bytes of a file.
  /// - Throws: ``PrivacyError/receiptMalformed``, ``PrivacyError/receiptVersion(found:known:)``.
  public init(contents: [UInt8]) throws {
    guard contents.count <= Self.greatestLength else { throw PrivacyError.receiptMalformed }
    let data = Data(contents)
    guard let head = try? JSONDecoder().decode(ReceiptDocument.Head.self, from: data),
      head.format == Self.format
    else { throw PrivacyError.receiptMalformed }
    guard head.version == Self.version else {
      throw PrivacyError.receiptVersion(found: head.version, known: Self.version)
    }
    guard let document = try? JSONDecoder().decode(ReceiptDocument.self, from: data),
      let receipt = try? PrivacyReceipt(document), Array(receipt.text.utf8) == contents
    else { throw PrivacyError.receiptMalformed }
    self = receipt
  }

  private init(_ document: ReceiptDocument) throws {
    let items = document.dataCollection.releases
    guard (1...Self.greatestReleases).contains(items.count),
      items.count == document.mechanism.count
    else { throw PrivacyError.receiptMalformed }
    let unit = document.epsilon.unit
    self.init(
      releases: try zip(items, document.mechanism).map { item, mechanism in
        try Release(
          item, mechanism, unit: unit, accountant: document.accounting.releases.first?.method)
      },
      composed: try document.accounting.releases.map(LossBound.init),
      ledgerComposed: try document.accounting.ledger.map(LossBound.init),
      ledger: document.ledger, publicKey: document.publicKey, signature: document.signature)
    // Rendered as unsigned integers.
    guard ledger.chainLength >= 1 else { throw PrivacyError.receiptMalformed }
  }
}

/// The members of a receipt's JSON that differ between receipts; the rest is written anew and compared.
private struct ReceiptDocument: Decodable {
  struct Head: Decodable {
    let format: String
    let version: Int
  }

  struct Epsilon: Decodable {
    let unit: PrivacyUnit
  }

  struct Mechanism: Decodable {
    let entry: Int
    let name: String
    let integers: [String: UInt64]
    let clippingRadius: Double?
    let noiseMultiplier: Double?
    let samplingProbability: Double?
    let epsilon: Double
    let delta: Double

    enum CodingKeys: String, CodingKey {
      case entry, name, integers, epsilon, delta
      case clippingRadius = "clipping_radius"
      case noiseMultiplier = "noise_multiplier"
      case samplingProbability = "sampling_probability"
    }
  }

  struct Accounting: Decodable {
    let releases: [Bound]
    let ledger: [Bound]
  }

  struct Bound: Decodable {
    let unit: PrivacyUnit
    let method: String
    let epsilon: Double
    let delta: Double
  }

  struct DataCollection: Decodable {
    let releases: [Item]
  }

  struct Item: Decodable {
    let entry: Int
    let name: String
    let values: Int?
    let bytes: Int
    let sha256: String
  }

  let epsilon: Epsilon
  let mechanism: [Mechanism]
  let accounting: Accounting
  let dataCollection: DataCollection
  let ledger: PrivacyReceipt.LedgerPosition
  let publicKey: String
  let signature: String

  enum CodingKeys: String, CodingKey {
    case epsilon, mechanism, accounting, ledger, signature
    case dataCollection = "data_collection"
    case publicKey = "public_key"
  }
}

extension LossBound {
  fileprivate init(_ bound: ReceiptDocument.Bound) throws {
    self.init(
      unit: bound.unit, method: bound.method, epsilon: bound.epsilon, delta: bound.delta)
    guard [self].isSane else { throw PrivacyError.receiptMalformed }
  }
}

extension PrivacyReceipt.Release {
  fileprivate init(
    _ item: ReceiptDocument.Item, _ mechanism: ReceiptDocument.Mechanism, unit: PrivacyUnit,
    accountant: String?
  ) throws {
    guard item.entry >= 1, item.bytes >= 0 else { throw PrivacyError.receiptMalformed }
    self.init(
      entry: item.entry, name: item.name,
      loss: try unit == .record
        ? .record(Self.recordLoss(mechanism, accountant: accountant))
        : .values(Self.expenditure(item, mechanism, unit: unit)),
      byteCount: item.bytes, digest: item.sha256)
  }

  private static func expenditure(
    _ item: ReceiptDocument.Item, _ mechanism: ReceiptDocument.Mechanism, unit: PrivacyUnit
  ) throws -> Expenditure {
    try Expenditure(
      name: item.name, count: item.values ?? 0, epsilon: mechanism.epsilon, unit: unit,
      mechanismName: mechanism.name,
      parameters: MechanismParameters(
        integers: mechanism.integers, clippingRadius: mechanism.clippingRadius))
  }

  private static func recordLoss(
    _ mechanism: ReceiptDocument.Mechanism, accountant: String?
  ) throws -> RecordLoss {
    guard mechanism.epsilon >= 0, mechanism.epsilon.isFinite,
      let accountant = accountant.flatMap(RecordLoss.Accountant.init),
      let steps = mechanism.integers["steps"].flatMap({ Int(exactly: $0) }),
      let multiplier = mechanism.noiseMultiplier
    else { throw PrivacyError.receiptMalformed }
    try RecordLoss.check(delta: mechanism.delta)
    return RecordLoss(
      restoring: try GaussianProcedure(
        sampling: mechanism.samplingProbability.map { .poisson(probability: $0) } ?? .everyRecord,
        steps: steps, noiseMultiplier: multiplier),
      epsilon: mechanism.epsilon, delta: mechanism.delta, accountant: accountant)
  }
}
