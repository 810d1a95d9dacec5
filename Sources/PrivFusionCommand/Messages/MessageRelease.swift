internal import Foundation
internal import LocalPrivacy
internal import LocalPrivacySQLite
internal import MessageFiles
internal import ModelFormats
internal import PrivFusion

/// A message on its way out of the party: paid as a whole or not at all, drawn, stored, written.
struct MessageRelease {
  let paying: PayingOptions
  let kind: MessageKind
  /// All that it costs, in the protocol's order.
  let expenditures: [Expenditure]
  let session: SessionDescription
  let probeFile: String

  /// What came of it.
  struct Result: Encodable, CustomStringConvertible {
    let output: String?
    let sha256: String?
    let kind: String
    let session: String
    let unit: String
    let perValue: Double
    let values: Int
    let composedUnit: String
    let composedBasic: Double
    let composedTightest: Double
    let ledger: String
    /// What all releases of this ledger compose to, this message's included; absent in a plan.
    let ledgerComposed: Double?
    /// Of a plan: whether the ledger can pay it; absent where there is no ledger yet.
    let ledgerCovers: Bool?
    /// Of a plan: why the ledger can't pay it.
    let ledgerRefusal: String?
    let sender: String?
    /// The receipt that was written, where one was asked for.
    let receipt: String?

    var description: String {
      let cost = """
        privacy: epsilon \(Text.epsilon(perValue)) per \(unit); the \(values) numbers of this \
        message compose to epsilon \(Text.epsilon(composedBasic)) per \(composedUnit)
        """
      guard let output, let sha256, let sender, let ledgerComposed else {
        return """
          Nothing has been done. The plan: a \(kind) message of session \(session)
          \(cost)
          \(self.ledger): \(coverage)
          """
      }
      return """
        wrote \(output): a \(kind) message of session \(session)
        SHA-256 \(sha256)
        \(cost)
        paid from \(ledger), whose releases compose to epsilon \(Text.epsilon(ledgerComposed)) per \
        \(composedUnit) in all; asked again, it gives the same bytes and spends nothing
        signed by \(sender)\(receipt.map { "\nwrote its receipt, \($0)" } ?? "")
        """
    }

    private var coverage: String {
      switch ledgerCovers {
      case nil: "there is no such ledger yet"
      case true?: "can pay this"
      case false?: "can't pay this: \(ledgerRefusal ?? "")"
      }
    }
  }

  /// Pays, releases, and writes the message.
  ///
  /// - Parameters:
  ///   - attachment: The architecture, for signatures.
  ///   - signatures: What weights are aligned to.
  ///   - anchor: Brought up to date before anything is written.
  ///   - release: Draws what is sent.
  func run(
    attachment: [UInt8], signatures: String?, _ ledger: DurableLedger, anchor: AnchorFile?,
    release: (DurableReleases) throws -> [Released]
  ) throws -> Result {
    let purpose = try LedgerPurpose(kind.rawValue)
    try ledger.check(
      expenditures, as: "the \(kind.rawValue) message", for: purpose, payingAgain: paying.payAgain)
    let released = try anchor.following(ledger) {
      try release(DurableReleases(ledger, for: purpose, payingAgain: paying.payAgain))
    }
    let bytes = try MessageFile.bytes(
      released, session: session, probeFile: probeFile, architecture: attachment,
      signatures: signatures, key: ledger.signingKey)
    try AtomicFile.write(bytes, to: paying.output)
    if let receipt = paying.receipt {
      try ReceiptFile.write(.names(released.map(\.name)), of: ledger, to: receipt)
    }
    return try result(
      sha256: FileDigest(contentsOf: paying.output).hexadecimal,
      ledger)
  }

  /// What it would cost.
  func planned() throws -> Result { try result(sha256: nil, nil) }

  /// What a ledger would say to the plan: whether it can pay, and why not; nil where there is none.
  private func answer() throws -> (covers: Bool, refusal: String?)? {
    guard FileManager.default.fileExists(atPath: paying.ledger) else { return nil }
    let statement = try LedgerStatement(ofLedgerAt: paying.ledger)
    do {
      if let anchor = paying.anchor {
        try statement.check(continuesFrom: AnchorFile(anchor).anchor)
      }
      try statement.check(
        expenditures, as: "the \(kind.rawValue) message", for: LedgerPurpose(kind.rawValue),
        payingAgain: paying.payAgain)
      return (true, nil)
    } catch {
      return (false, "\(error)")
    }
  }

  private func result(sha256: String?, _ ledger: DurableLedger?) throws -> Result {
    let answer = try ledger == nil ? answer() : nil
    let composed = try Composition(ofModel: expenditures).loss(delta: FusionSession.delta)
    return Result(
      output: sha256 == nil ? nil : paying.output, sha256: sha256, kind: kind.rawValue,
      session: try session.identifier, unit: PrivacyUnit.value.rawValue,
      perValue: expenditures.map(\.epsilon).max() ?? 0,
      values: expenditures.reduce(0) { $0 + $1.count }, composedUnit: composed.unit.rawValue,
      composedBasic: composed.basic, composedTightest: composed.tightest, ledger: paying.ledger,
      ledgerComposed: try ledger.map {
        try Composition(ofModel: $0.statement().entries.compactMap(\.expenditure))
          .loss(delta: FusionSession.delta).basic
      }, ledgerCovers: answer?.covers, ledgerRefusal: answer?.refusal,
      sender: ledger?.signingKey.verificationKey.fingerprint,
      receipt: ledger == nil ? nil : paying.receipt)
  }

  /// The party's ledger, made with this session's loss as its limit when there is none; where there
  /// is an anchor of one, there must be one.
  static func ledger(_ path: String, anchor: AnchorFile?, limit: Double) throws -> DurableLedger {
    if anchor != nil || FileManager.default.fileExists(atPath: path) {
      return try AnchorFile.open(path, anchor: anchor)
    }
    try OutputPlace.checkFile(path)
    let ledger = try DurableLedger.create(
      at: path, limits: LedgerLimits(records: nil, values: .value(epsilon: limit)))
    Terminal.note(
      """
      made \(path), whose limit is epsilon \(limit) for each released number taken alone: it does not \
      add up over numbers or sessions. For a limit of the sum, make it first with `privfusion ledger \
      create --model-epsilon`
      """)
    return ledger
  }
}

extension LedgerStatement.Entry {
  /// What a release of values cost; nil for a debit about records.
  fileprivate var expenditure: Expenditure? {
    if case .values(let expenditure) = loss { expenditure } else { nil }
  }
}
