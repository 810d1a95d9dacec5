internal import GRDB

/// Reading a ledger so that nothing is believed that the chain does not bear out.
///
/// Whoever can write the file can also write a chain anew. What this finds is accident: truncation,
/// bad disks, edits by hand. Deceit shows only against a head that was kept elsewhere.
struct LedgerVerification {
  let header: LedgerHeader
  let chain: LedgerChain

  /// Reads the header and all entries, and verifies the chain.
  ///
  /// - Throws: ``LedgerError/damaged(_:entry:what:)``.
  init(_ database: Database, path: String) throws {
    let stored: (header: LedgerHeader, hash: [UInt8])?
    do {
      stored = try EntryStorage.header(in: database)
    } catch {
      throw LedgerError.damaged(path, entry: 0, what: "its head can't be read")
    }
    guard let stored else {
      throw LedgerError.damaged(path, entry: 0, what: "it has no head")
    }
    guard stored.header.hash == stored.hash else {
      throw LedgerError.damaged(
        path, entry: 0, what: "its limits or keys do not match their hash")
    }
    var chain = LedgerChain(stored.header)
    do {
      try EntryStorage.forEach(in: database) { entry in
        guard let entry else {
          throw LedgerChain.Break(entry: chain.count + 1, what: "it can't be read")
        }
        try chain.append(entry)
      }
    } catch let found as LedgerChain.Break {
      throw LedgerError.damaged(path, entry: found.entry, what: found.what)
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
      throw LedgerError.damaged(path, entry: chain.count + 1, what: "its page is damaged")
    }
    header = stored.header
    self.chain = chain
  }

  /// Verifies all that the chain does not hold itself: stored results, the schema, and the pages.
  ///
  /// - Complexity: Reads the whole file.
  func checkRest(_ database: Database, path: String) throws {
    var found = 0
    for debit in chain.debits where debit.completion != nil {
      try checkResult(of: debit, in: database, path: path)
      found += 1
    }
    guard try results(in: database).count() == found else {
      throw LedgerError.damaged(path, entry: nil, what: "it holds results that no entry names")
    }
    guard try Self.schema(of: database) == Self.expectedSchema(header.version) else {
      throw LedgerError.damaged(path, entry: nil, what: "its tables or triggers were changed")
    }
    let pages = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
    guard pages == "ok" else {
      throw LedgerError.damaged(path, entry: nil, what: "its pages do not fit together")
    }
  }

  /// The stored results.
  func results(in database: Database) -> ResultStorage {
    ResultStorage(version: header.version, database: database)
  }

  /// Checks the stored result of a completed debit, and nothing of another.
  ///
  /// - Throws: ``LedgerError/damaged(_:entry:what:)`` when it is not the one that was stored.
  func checkResult(of debit: LedgerChain.Debit, in database: Database, path: String) throws {
    guard let completion = debit.completion else { return }
    guard let digest = try? results(in: database).digest(of: debit.entry) else {
      throw LedgerError.damaged(path, entry: debit.entry, what: "its result can't be read")
    }
    guard digest == completion.digest else {
      throw LedgerError.damaged(
        path, entry: debit.entry, what: "its stored result does not match its hash")
    }
  }

  private static func schema(of database: Database) throws -> [String] {
    try String.fetchAll(
      database, sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
  }

  private static func expectedSchema(_ version: Int) throws -> [String] {
    let fresh = try DatabaseQueue()
    defer { try? fresh.close() }
    return try fresh.writeWithoutTransaction { database in
      try database.execute(sql: LedgerSchema.statements(version))
      return try schema(of: database)
    }
  }
}
