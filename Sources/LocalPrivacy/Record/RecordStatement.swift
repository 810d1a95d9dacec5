/// What a party says of parameters that it released: how they were trained, and what that loses
/// about one record.
public struct RecordStatement: Hashable, Sendable {
  /// How the noise was drawn.
  public struct Mechanism: Hashable, Sendable, Codable {
    /// "discrete Gaussian".
    public let name: String
    public let procedure: GaussianProcedure
    /// The greatest L2 norm of a record's contribution to one step.
    public let clip: Double
  }

  static let version = 1
  static let mechanismName = "discrete Gaussian"

  public let version: Int
  /// Always ``PrivacyUnit/record``.
  public let unit: PrivacyUnit
  public let adjacency: Adjacency
  /// What all steps together lose, rounded up.
  public let epsilon: Double
  public let delta: Double
  public let mechanism: Mechanism
  public let accountant: RecordLoss.Accountant
  public let records: DataSetSize
  /// SHA-256 of the released parameters, 64 lower-case digits.
  public let parametersDigest: String
  /// SHA-256 of the public network below the parameters, if there is one.
  public let trunkDigest: String?
  /// The name under which the ledger debited it.
  public let purpose: String
  /// All debits of the party's ledger together, this one included.
  public let composed: ComposedRecordLoss
  /// The signer's key, 64 lower-case digits.
  public let publicKey: String

  /// - Parameters:
  ///   - purpose: The name of the ledger's debit; not empty.
  ///   - loss: What the debit lost.
  ///   - clip: The greatest L2 norm of a record's contribution to one step; finite and above 0.
  ///   - records: The number of records: a bucket unless the number is public.
  ///   - parametersDigest: SHA-256 of the released parameters, of 32 bytes.
  ///   - trunkDigest: SHA-256 of the public network below them, of 32 bytes, or nil.
  ///   - composed: All debits of the ledger together, this one included.
  ///   - key: The signer's key.
  public init(
    purpose: String, loss: RecordLoss, clip: Double, records: DataSetSize,
    parametersDigest: [UInt8], trunkDigest: [UInt8]?, composed: ComposedRecordLoss,
    key: VerificationKey
  ) {
    precondition(!purpose.isEmpty && clip > 0 && clip.isFinite && composed.epsilon.isFinite)
    precondition(parametersDigest.count == 32 && (trunkDigest?.count ?? 32) == 32)
    version = Self.version
    unit = .record
    adjacency = loss.adjacency
    epsilon = loss.epsilon
    delta = loss.delta
    mechanism = Mechanism(name: Self.mechanismName, procedure: loss.procedure, clip: clip)
    accountant = loss.accountant
    self.records = records
    self.parametersDigest = Hexadecimal.text(of: parametersDigest)
    self.trunkDigest = trunkDigest.map(Hexadecimal.text)
    self.purpose = purpose
    self.composed = composed
    publicKey = Hexadecimal.text(of: key.rawRepresentation)
  }

  /// The statement with a signature over its canonical bytes.
  ///
  /// - Parameter key: The secret of the statement's ``publicKey``.
  /// - Throws: ``PrivacyError/certificateSignature`` when it is another key.
  public func signed(by key: SigningKey) throws -> RecordCertificate {
    guard Hexadecimal.text(of: key.verificationKey.rawRepresentation) == publicKey else {
      throw PrivacyError.certificateSignature
    }
    return RecordCertificate(
      statement: self,
      signature: Hexadecimal.text(
        of: try key.signature(of: RecordCertificate.message(of: self))))
  }

  /// Recomputes the loss from the procedure, and compares.
  func checkPlausible() throws {
    guard unit == .record, mechanism.name == Self.mechanismName, !purpose.isEmpty,
      mechanism.clip > 0, mechanism.clip.isFinite, composed.epsilon >= 0,
      Hexadecimal.bytes(of: parametersDigest)?.count == 32,
      trunkDigest.map({ Hexadecimal.bytes(of: $0)?.count == 32 }) ?? true
    else { throw PrivacyError.certificateMalformed }
    try RecordLoss.check(delta: delta)
    try RecordLoss.check(delta: composed.delta)
    let loss = try RecordLoss(of: mechanism.procedure, delta: delta)
    // 1e-9: another machine's mathematics library rounds differently.
    guard epsilon >= loss.epsilon * (1 - 1e-9) else {
      throw PrivacyError.certificateImplausible(claimed: epsilon, least: loss.epsilon)
    }
    let alone = RecordComposition.compose([loss], delta: composed.delta)
    guard composed.epsilon >= alone.epsilon * (1 - 1e-9) else {
      throw PrivacyError.certificateImplausible(claimed: composed.epsilon, least: alone.epsilon)
    }
  }
}

extension RecordStatement: Codable {}
