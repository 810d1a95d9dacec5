internal import Crypto
internal import Foundation
internal import GRDB
internal import LocalPrivacy

/// All that the chain of a ledger says, for whoever checks the ledger without having it.
///
/// No key and no result is in it: a result is its SHA-256, and the request's private contents are a
/// keyed fingerprint. Every hash can be computed again from the members, as <doc:Exports> says.
public struct LedgerExport: Sendable {
  /// JSON with sorted keys.
  public let document: [UInt8]

  /// Exports a ledger that no process spends from, and verifies all of it.
  ///
  /// - Parameter path: The ledger; it may be a read-only copy.
  /// - Throws: As ``LedgerStatement/init(ofLedgerAt:)``.
  /// - Complexity: Reads the whole file.
  public init(ofLedgerAt path: String) throws {
    let file = try LedgerFile.open(at: path, for: .reading)
    defer { try? file.close() }
    let (verified, _) = try file.verified()
    let entries = try file.access { database in
      var entries: [Entry] = []
      try EntryStorage.forEach(in: database) { entry in
        // What was appended since the chain was verified is not part of it.
        guard let entry, entry.sequence <= verified.chain.count else { return }
        entries.append(Entry(entry))
      }
      return entries
    }
    let header = verified.header
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let ledger = Ledger(
      format: "privfusion-ledger-export-1", version: header.version, created: header.created,
      limits: header.limits, signingKeySha256: Self.digest(header.signingKey),
      fingerprintKeySha256: Self.digest(header.fingerprintKey),
      publicKey: Hexadecimal.text(
        of: try SigningKey(rawRepresentation: header.signingKey).verificationKey.rawRepresentation),
      genesis: Hexadecimal.text(of: header.hash), entries: entries,
      head: Hexadecimal.text(of: verified.chain.head), chainLength: verified.chain.count)
    document = Array(try encoder.encode(ledger)) + Array("\n".utf8)
  }

  private struct Ledger: Encodable {
    let format: String
    let version: Int
    let created: Int
    let limits: String
    let signingKeySha256: String
    let fingerprintKeySha256: String
    let publicKey: String
    let genesis: String
    let entries: [Entry]
    let head: String
    let chainLength: Int
  }

  private struct Entry: Encodable {
    let sequence: Int
    let time: Int
    let nonce: String
    let event: String
    var unit: String?
    var name: String?
    var loss: String?
    var fingerprint: String?
    var purpose: String?
    var reservation: Int?
    var digest: String?
    let hash: String

    init(_ entry: ChainedEntry) {
      sequence = entry.sequence
      time = entry.time
      nonce = Hexadecimal.text(of: entry.nonce)
      hash = Hexadecimal.text(of: entry.hash)
      switch entry.event {
      case .reserved(let debit):
        event = "reserved"
        unit = debit.unit.rawValue
        name = debit.name
        loss = debit.loss
        fingerprint = Hexadecimal.text(of: debit.fingerprint)
        purpose = debit.purpose
      case .completed(let completion):
        event = "completed"
        reservation = completion.reservation
        digest = Hexadecimal.text(of: completion.digest)
      }
    }
  }

  private static func digest(_ key: [UInt8]) -> String {
    Hexadecimal.text(of: Array(SHA256.hash(data: key)))
  }
}
