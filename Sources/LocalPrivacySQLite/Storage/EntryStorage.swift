internal import Foundation
internal import GRDB
internal import LocalPrivacy

/// Entries as rows. Nothing here decides anything: what a row says is verified by the chain.
enum EntryStorage {
  static func write(_ header: LedgerHeader, to database: Database) throws {
    try database.execute(
      sql: """
        INSERT INTO header (id, created, limits, signing_key, fingerprint_key, hash)
        VALUES (1, ?, ?, ?, ?, ?)
        """,
      arguments: [
        header.created, header.limits, Data(header.signingKey), Data(header.fingerprintKey),
        Data(header.hash),
      ])
  }

  /// - Returns: The header and the hash that was stored with it; nil without a header.
  static func header(in database: Database) throws -> (header: LedgerHeader, hash: [UInt8])? {
    guard let row = try Row.fetchOne(database, sql: "SELECT * FROM header") else { return nil }
    let header = LedgerHeader(
      version: try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0,
      created: try row.decode(forColumn: "created"), limits: try row.decode(forColumn: "limits"),
      signingKey: try row.bytes("signing_key"),
      fingerprintKey: try row.bytes("fingerprint_key"))
    return (header, try row.bytes("hash"))
  }

  static func write(_ entry: ChainedEntry, to database: Database) throws {
    switch entry.event {
    case .reserved(let reservation):
      // The first format has no column for a purpose, and its debits have none.
      let hasPurpose = reservation.purpose != nil
      var arguments: StatementArguments = [
        entry.sequence, entry.time, Data(entry.nonce), reservation.unit.rawValue,
        reservation.name, reservation.loss, Data(reservation.fingerprint), Data(entry.hash),
      ]
      if hasPurpose { arguments += [reservation.purpose] }
      try database.execute(
        sql: """
          INSERT INTO entry (sequence, time, nonce, event, unit, name, loss, fingerprint, hash\
          \(hasPurpose ? ", purpose" : ""))
          VALUES (?, ?, ?, 'reserved', ?, ?, ?, ?, ?\(hasPurpose ? ", ?" : ""))
          """,
        arguments: arguments)
    case .completed(let completion):
      try database.execute(
        sql: """
          INSERT INTO entry (sequence, time, nonce, event, reservation, digest, hash)
          VALUES (?, ?, ?, 'completed', ?, ?, ?)
          """,
        arguments: [
          entry.sequence, entry.time, Data(entry.nonce), completion.reservation,
          Data(completion.digest),
          Data(entry.hash),
        ])
    }
  }

  /// Hands over all entries in order.
  ///
  /// - Parameter next: Sees the entry, or nil for one that can't be read.
  static func forEach(
    in database: Database, _ next: (ChainedEntry?) throws -> Void
  ) throws {
    let rows = try Row.fetchCursor(database, sql: "SELECT * FROM entry ORDER BY sequence")
    while let row = try rows.next() { try next(entry(row)) }
  }

  private static func entry(_ row: Row) -> ChainedEntry? {
    do {
      let event: ChainedEntry.Event
      switch try row.decode(String.self, forColumn: "event") {
      case "reserved":
        guard let unit = PrivacyUnit(rawValue: try row.decode(forColumn: "unit")) else {
          return nil
        }
        event = .reserved(
          ChainedEntry.Reservation(
            unit: unit, name: try row.decode(forColumn: "name"),
            loss: try row.decode(forColumn: "loss"),
            fingerprint: try row.bytes("fingerprint"),
            purpose: row.hasColumn("purpose") ? try row.decode(forColumn: "purpose") : nil))
      case "completed":
        event = .completed(
          ChainedEntry.Completion(
            reservation: try row.decode(forColumn: "reservation"),
            digest: try row.bytes("digest")))
      default: return nil
      }
      return ChainedEntry(
        sequence: try row.decode(forColumn: "sequence"),
        time: try row.decode(forColumn: "time"), nonce: try row.bytes("nonce"), event: event,
        claiming: try row.bytes("hash"))
    } catch {
      return nil
    }
  }
}

extension Row {
  func bytes(_ column: String) throws -> [UInt8] {
    Array(try decode(Data.self, forColumn: column))
  }
}
