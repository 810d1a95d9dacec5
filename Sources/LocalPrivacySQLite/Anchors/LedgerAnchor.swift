internal import Foundation
public import LocalPrivacy

/// A note of where a ledger stood, to be kept outside it: on another disk, with somebody else.
///
///     {"format": "privfusion-anchor-1",
///      "ledger": {"chain_length": n, "genesis": hash(0), "head": hash(n)},
///      "public_key": ..., "signature": ..., "time": "2026-01-31T12:00:00Z"}
///
/// Nothing in a ledger tells an older copy that was put back from the ledger itself. An anchor that
/// is newer than the copy does: the copy does not continue from it, and is refused.
///
/// The signature, Ed25519 with the ledger's key, covers a line that no other protocol signs and
/// the rest as JSON with sorted keys and without spaces. It shows that the anchor was not altered
/// where it was kept. Whoever can read the ledger can sign anchors, so that it shows no more.
///
/// A receipt has the same member `ledger` and serves as well, once it is verified.
public struct LedgerAnchor: Hashable, Sendable {
  /// What the document says it is.
  public enum Source: Hashable, Sendable {
    /// An anchor: when it was made, in seconds since 1970, UTC, and its signature of 64 bytes.
    case anchor(time: Int, signature: [UInt8])
    /// A receipt.
    case receipt
  }

  /// Where the ledger stood.
  public let position: LedgerPosition
  /// The ledger's key; nil where a receipt does not name it.
  public let publicKey: VerificationKey?
  public let source: Source

  /// The greatest document that is read, in bytes.
  public static let greatestByteCount = 1 << 26
  private static let format = "privfusion-anchor-1"

  /// What a verified receipt says of a ledger.
  ///
  /// - Parameters:
  ///   - position: Where the ledger stood.
  ///   - publicKey: The ledger's key; nil where the receipt does not name it.
  public init(receipt position: LedgerPosition, publicKey: VerificationKey?) {
    self.init(position, publicKey, .receipt)
  }

  /// Reads an anchor or a receipt, and verifies it.
  ///
  /// - Parameter document: JSON of at most ``greatestByteCount`` bytes.
  /// - Throws: ``LedgerError/anchorMalformed(_:)`` or ``LedgerError/anchorSignature``; for a receipt
  ///   that does not verify, what it throws itself.
  public init(document: [UInt8]) throws {
    guard document.count <= Self.greatestByteCount,
      let read = try? JSONDecoder().decode(Document.self, from: Data(document))
    else {
      throw LedgerError.anchorMalformed(
        "it is no JSON with a member \"ledger\" of a genesis, a head and a chain length")
    }
    guard read.format == Self.format else {
      let receipt: PrivacyReceipt
      do {
        receipt = try PrivacyReceipt(contents: document)
      } catch {
        throw LedgerError.anchorMalformed("it is no anchor, and as a receipt: \(error)")
      }
      let position = try LedgerPosition(
        genesis: receipt.ledger.genesis, head: receipt.ledger.head,
        chainLength: receipt.ledger.chainLength)
      self.init(receipt: position, publicKey: try receipt.verify())
      return
    }
    let key = try read.publicKey.map { text in
      guard let bytes = Hexadecimal.bytes(of: text),
        let key = try? VerificationKey(rawRepresentation: bytes)
      else { throw LedgerError.anchorMalformed("its public key has not 64 hexadecimal digits") }
      return key
    }
    guard let key, let text = read.time, let time = try? Date(text, strategy: .iso8601),
      let signature = read.signature.flatMap(Hexadecimal.bytes), signature.count == 64
    else { throw LedgerError.anchorMalformed("it lacks its key, time or signature") }
    guard key.isSignature(signature, of: try Self.message(read)) else {
      throw LedgerError.anchorSignature
    }
    self.init(
      read.ledger, key, .anchor(time: Int(time.timeIntervalSince1970), signature: signature))
  }

  /// Notes where a ledger stands that no process spends from.
  ///
  /// - Parameter path: The ledger.
  /// - Throws: As ``LedgerStatement/init(ofLedgerAt:)``.
  /// - Complexity: Reads the whole file.
  public init(ofLedgerAt path: String) throws {
    let file = try LedgerFile.open(at: path, for: .reading)
    defer { try? file.close() }
    let (verified, limits) = try file.verified()
    try self.init(
      LedgerStatement(verified, limits: limits, path: path),
      signedBy: SigningKey(rawRepresentation: verified.header.signingKey))
  }

  init(_ statement: LedgerStatement, signedBy key: SigningKey) throws {
    let position = try statement.position
    let time = DurableLedger.now
    let signature = try key.signature(
      of: Self.message(Document(position, key.verificationKey, time: time)))
    self.init(position, key.verificationKey, .anchor(time: time, signature: signature))
  }

  private init(_ position: LedgerPosition, _ publicKey: VerificationKey?, _ source: Source) {
    self.position = position
    self.publicKey = publicKey
    self.source = source
  }

  /// The anchor as a file; nil for what was read from a receipt.
  ///
  /// - Throws: An `EncodingError`, which no anchor causes.
  public func document() throws -> [UInt8]? {
    guard case .anchor(let time, let signature) = source, let publicKey else { return nil }
    var document = Document(position, publicKey, time: time)
    document.signature = Hexadecimal.text(of: signature)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return Array(try encoder.encode(document)) + Array("\n".utf8)
  }

  private static func message(_ document: Document) throws -> [UInt8] {
    var unsigned = document
    unsigned.signature = nil
    return Array("PrivFusion ledger anchor\n\(try CanonicalJSON.text(of: unsigned))".utf8)
  }

  private struct Document: Codable {
    var format: String?
    let ledger: LedgerPosition
    var publicKey: String?
    var time: String?
    var signature: String?

    enum CodingKeys: String, CodingKey {
      case format, ledger, time, signature
      case publicKey = "public_key"
    }

    init(_ position: LedgerPosition, _ key: VerificationKey, time: Int) {
      format = LedgerAnchor.format
      ledger = position
      publicKey = Hexadecimal.text(of: key.rawRepresentation)
      self.time = Date(timeIntervalSince1970: TimeInterval(time)).ISO8601Format()
    }
  }
}
