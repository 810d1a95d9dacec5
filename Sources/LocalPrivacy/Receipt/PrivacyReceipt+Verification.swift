internal import Crypto

/// Verifying a receipt without the ledger, the data or the model.
extension PrivacyReceipt {
  /// Of all values together: some gigabytes, and what the optimal composition sums in a second.
  private static let greatestValues = 1 << 36
  /// Another machine's mathematics library rounds differently.
  private static let slack = 1e-9

  /// Checks the signature, and that the losses follow from the mechanisms' parameters.
  ///
  /// - Parameter key: Who should have signed; nil for anyone.
  /// - Returns: The signer's key, for the caller to compare with the one it expects.
  /// - Throws: ``PrivacyError/receiptSignature``; ``PrivacyError/receiptKey(expected:found:)`` when
  ///   somebody else signed; ``PrivacyError/receiptImplausible(what:claimed:least:)`` when the
  ///   mechanisms lose more than is claimed; ``PrivacyError/receiptMalformed`` when its parts
  ///   contradict each other.
  /// - Complexity: As `Composition.loss(delta:)`, or as ``RecordLoss/init(of:delta:)``.
  @discardableResult
  public func verify(expecting key: VerificationKey? = nil) throws -> VerificationKey {
    guard let bytes = Hexadecimal.bytes(of: signature), bytes.count == 64,
      let keyBytes = Hexadecimal.bytes(of: publicKey),
      let signer = try? VerificationKey(rawRepresentation: keyBytes)
    else { throw PrivacyError.receiptMalformed }
    guard signer.isSignature(bytes, of: message) else { throw PrivacyError.receiptSignature }
    if let key, key != signer {
      throw PrivacyError.receiptKey(expected: key.fingerprint, found: signer.fingerprint)
    }
    try checkPlausible()
    return signer
  }

  /// Checks that a release's bytes are the ones that the receipt is about.
  ///
  /// - Parameters:
  ///   - bytes: What was received: a release's packed outputs, or a whole model file.
  ///   - name: The release's name.
  /// - Throws: ``PrivacyError/receiptBytes(_:)`` when the receipt has no such release, or one of other
  ///   bytes.
  public func checkReleased(_ bytes: [UInt8], as name: String) throws {
    try checkReleased(digest: Hexadecimal.text(of: Array(SHA256.hash(data: bytes))), as: name)
  }

  /// Checks that a release's bytes are the ones that the receipt is about.
  ///
  /// - Parameters:
  ///   - digest: SHA-256 of what was received, 64 lower-case digits.
  ///   - name: The release's name.
  /// - Throws: As ``checkReleased(_:as:)``.
  public func checkReleased(digest: String, as name: String) throws {
    guard releases.contains(where: { $0.name == name && $0.digest == digest }) else {
      throw PrivacyError.receiptBytes(name)
    }
  }

  /// Checks that a release that travels has the receipt's bytes, and says of itself what the receipt
  /// says of it.
  ///
  /// - Parameter release: What was received, as the sender packed it.
  /// - Throws: As ``checkReleased(_:as:)``, and ``PrivacyError/receiptStatement(_:stated:)`` when the
  ///   release states another loss, mechanism, clipping radius or number of outputs.
  public func checkReleased(_ release: PackedRelease) throws {
    let statement = release.statement
    try checkReleased(release.bytes, as: statement.name)
    let agrees = releases.contains {
      guard $0.name == statement.name, let expenditure = $0.expenditure else { return false }
      // A debit of before radii were recorded does not say its own.
      let radius = expenditure.parameters?.clippingRadius ?? statement.radius
      return expenditure.epsilon == statement.epsilon && expenditure.count == statement.count
        && expenditure.mechanismName == statement.mechanism && radius == statement.radius
    }
    guard agrees else {
      throw PrivacyError.receiptStatement(statement.name, stated: statement.words)
    }
  }

  /// Recomputes all that follows from the mechanisms' parameters, and compares.
  ///
  /// - Throws: ``PrivacyError/receiptMalformed``,
  ///   ``PrivacyError/receiptImplausible(what:claimed:least:)``.
  func checkPlausible() throws {
    guard isWellFormed else { throw PrivacyError.receiptMalformed }
    for release in releases { try release.checkPlausible(slack: Self.slack) }
    let least = try Self.bounds(of: releases, delta: composed.map(\.delta).max() ?? 0)
    try Self.compare(composed, with: least, "all of it together")
    let unit: PrivacyUnit = releases[0].unit == .record ? .record : .model
    let rest = ledgerComposed.filter { $0.unit == unit }
    try Self.compare(rest, with: leastOfLedger(least, claiming: rest), "the whole ledger")
  }

  /// What a ledger that holds nothing but the releases states at least: every accountant is monotone,
  /// so that more debits never compose to less.
  private func leastOfLedger(
    _ least: [LossBound], claiming claims: [LossBound]
  ) throws -> [LossBound] {
    guard case .record(let loss) = releases[0].loss else { return least }
    var alone: [LossBound] = []
    for claim in claims { alone.append(try Self.alone(loss, as: claim)) }
    return alone
  }

  /// What of its form can be wrong although it was read.
  private var isWellFormed: Bool {
    let units = Set(releases.map(\.unit))
    let values = releases.compactMap { $0.expenditure?.count }
    return (1...Self.greatestReleases).contains(releases.count) && units.count == 1
      && (!units.contains(.record) || releases.count == 1)
      && zip(releases, releases.dropFirst()).allSatisfy { $0.entry < $1.entry }
      // The last debit's result is a further link.
      && values.allSatisfy { $0 <= Self.greatestValues }
      && releases.allSatisfy { $0.isWellFormed && $0.entry < ledger.chainLength }
      && values.reduce(0, +) <= Self.greatestValues
      && composed.isSane && ledgerComposed.isSane && !composed.isEmpty
      && [ledger.genesis, ledger.head, publicKey].allSatisfy {
        Hexadecimal.bytes(of: $0)?.count == 32
      }
  }

  /// - Parameters:
  ///   - claimed: In any order; each must be among `least` by its method and delta.
  ///   - least: What is claimed at least.
  private static func compare(
    _ claimed: [LossBound], with least: [LossBound], _ what: String
  ) throws {
    guard !claimed.isEmpty, Set(claimed.map(\.method)).count == claimed.count else {
      throw PrivacyError.receiptMalformed
    }
    for bound in claimed {
      guard
        let other = least.first(where: {
          $0.unit == bound.unit && $0.method == bound.method && $0.delta == bound.delta
        })
      else { throw PrivacyError.receiptMalformed }
      guard bound.epsilon >= other.epsilon * (1 - slack) else {
        throw PrivacyError.receiptImplausible(
          what: what, claimed: bound.epsilon, least: other.epsilon)
      }
    }
  }

  /// What a ledger that holds one loss about records states at least, in the way of a claim.
  private static func alone(_ loss: RecordLoss, as claim: LossBound) throws -> LossBound {
    guard ComposedRecordLoss.Method(rawValue: claim.method) != nil,
      (try? RecordLoss.check(delta: claim.delta)) != nil
    else { throw PrivacyError.receiptMalformed }
    let epsilon = RecordComposition.compose([loss], delta: claim.delta).epsilon
    return LossBound(
      unit: .record, method: claim.method, epsilon: epsilon, delta: claim.delta)
  }
}

extension PrivacyReceipt.Release {
  private static let greatestIntegers = 16
  private static let greatestName = 64

  fileprivate var isWellFormed: Bool {
    guard !name.isEmpty, Hexadecimal.bytes(of: digest)?.count == 32 else { return false }
    guard let expenditure else { return true }
    guard let parameters = expenditure.parameters,
      parameters.integers.count <= Self.greatestIntegers,
      parameters.integers.keys.allSatisfy(Self.isPlain),
      !expenditure.mechanismName.isEmpty,
      expenditure.mechanismName.utf8.count <= Self.greatestName
    else { return false }
    guard parameters.clippingRadius.map({ (try? ClippingRadius($0)) != nil }) ?? true else {
      return false
    }
    // Fewer values would compose to less than what the bytes hold.
    guard let bits = parameters.bitsPerOutput(through: expenditure.mechanismName) else {
      return (expenditure.count + 7) / 8 <= byteCount
    }
    return byteCount == BitPacking.byteCount(of: expenditure.count, width: bits)
  }

  fileprivate func checkPlausible(slack: Double) throws {
    switch loss {
    case .values(let expenditure):
      guard let parameters = expenditure.parameters else { throw PrivacyError.receiptMalformed }
      guard parameters.lose(expenditure.epsilon) else {
        throw PrivacyError.receiptImplausible(
          what: name, claimed: expenditure.epsilon, least: parameters.loss)
      }
    case .record(let loss):
      let honest = try RecordLoss(of: loss.procedure, delta: loss.delta)
      guard loss.epsilon >= honest.epsilon * (1 - slack) else {
        throw PrivacyError.receiptImplausible(
          what: name, claimed: loss.epsilon, least: honest.epsilon)
      }
    }
  }

  private static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= greatestName
      && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
  }
}
