internal import Crypto
internal import Foundation
internal import GRDB

/// Stored results as rows: one a result in the first format, parts one after another since then.
struct ResultStorage {
  /// Results that are in memory are stored in parts of so many bytes.
  private static let partSize = 1 << 20

  let version: Int
  let database: Database

  private var isInParts: Bool { version >= LedgerSchema.withPurposesAndParts }

  /// Stores a whole result.
  func write(_ bytes: [UInt8], of reservation: Int) throws {
    guard isInParts else {
      return try database.execute(
        sql: "INSERT INTO result (reservation, bytes) VALUES (?, ?)",
        arguments: [reservation, Data(bytes)])
    }
    // An empty result has one empty part.
    for (index, start) in stride(from: 0, to: max(1, bytes.count), by: Self.partSize).enumerated() {
      try write(
        Array(bytes[start..<min(start + Self.partSize, bytes.count)]), asPart: index,
        of: reservation)
    }
  }

  /// Stores a part, from 0 on without gaps.
  func write(_ bytes: [UInt8], asPart part: Int, of reservation: Int) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT INTO result (reservation, part, bytes) VALUES (?, ?, ?)")
    try statement.execute(arguments: [reservation, part, Data(bytes)])
  }

  /// A part of a result, nil behind the last one.
  func part(_ part: Int, of reservation: Int) throws -> [UInt8]? {
    let row =
      if isInParts {
        try Row.fetchOne(
          database.cachedStatement(
            sql: "SELECT bytes FROM result WHERE reservation = ? AND part = ?"),
          arguments: [reservation, part])
      } else if part == 0 {
        try Row.fetchOne(
          database, sql: "SELECT bytes FROM result WHERE reservation = ?",
          arguments: [reservation])
      } else {
        Row?.none
      }
    return try row.map { try $0.bytes("bytes") }
  }

  /// A whole result.
  func result(of reservation: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var index = 0
    while let next = try part(index, of: reservation) {
      bytes += next
      index += 1
    }
    return bytes
  }

  /// The SHA-256 of a result, which is never in memory as a whole; nil without a result.
  func digest(of reservation: Int) throws -> [UInt8]? {
    var hash = SHA256()
    var index = 0
    while let next = try part(index, of: reservation) {
      hash.update(data: next)
      index += 1
    }
    return index == 0 ? nil : Array(hash.finalize())
  }

  func byteCount(of reservation: Int) throws -> Int {
    try Int.fetchOne(
      database, sql: "SELECT coalesce(sum(length(bytes)), 0) FROM result WHERE reservation = ?",
      arguments: [reservation]) ?? 0
  }

  func count() throws -> Int {
    try Int.fetchOne(database, sql: "SELECT count(DISTINCT reservation) FROM result") ?? 0
  }
}
