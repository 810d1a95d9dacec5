internal import Foundation
package import GRDB

/// One SQLite file, held by one process.
///
/// Journal mode DELETE with synchronous EXTRA: a committed debit survives a power cut, and at rest
/// the ledger is one file, which can be copied, compared and anchored whole. A write-ahead log
/// would be a second file that a copy forgets, for a speed that nothing here needs.
///
/// Locking mode EXCLUSIVE: SQLite keeps the system's lock on the file until it is closed, so that
/// a second opener is refused at once, and the lock of a killed process ends with it. The lock
/// belongs to the process and any descriptor that it closes ends it, so that nothing here opens
/// the file but SQLite.
package struct LedgerFile: Sendable {
  package enum Access: Sendable {
    /// Debits and results can be written; nobody else reads or writes meanwhile.
    case spending
    /// Others may read meanwhile.
    case reading
  }

  let path: String
  package let database: DatabaseQueue

  /// Makes an empty file with mode 0600 and opens it for spending.
  ///
  /// - Throws: ``LedgerError/exists(_:)`` and others of ``LedgerError``; nothing is left then.
  static func make(at path: String, fill: (Database) throws -> Void) throws -> LedgerFile {
    // A journal of a deleted ledger would be played back into the new one.
    for trace in [path + "-journal", path + "-wal"]
    where FileManager.default.fileExists(atPath: trace) {
      throw LedgerError.exists(trace)
    }
    let descriptor = Foundation.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw errno == ENOENT
        ? LedgerError.storage(path, reason: "its folder is missing")
        : LedgerError.opening(path, code: errno)
    }
    // Whatever the process masks, the owner may write.
    fchmod(descriptor, 0o600)
    Foundation.close(descriptor)
    do {
      let file = try LedgerFile(path, for: .spending)
      do {
        try file.transaction(.exclusive, fill)
      } catch {
        try? file.close()
        throw error
      }
      return file
    } catch {
      unlink(path)
      unlink(path + "-journal")
      throw error
    }
  }

  /// Opens a file that is a ledger by its mark and format; what it says is not verified here.
  ///
  /// - Throws: One of ``LedgerError``; nothing was written then.
  static func open(at path: String, for access: Access) throws -> LedgerFile {
    try checkFile(path, for: access)
    let file = try LedgerFile(path, for: access)
    do {
      try file.checkFormat()
      if access == .spending { try file.lock() }
    } catch {
      try? file.close()
      throw error
    }
    return file
  }

  private init(_ path: String, for access: Access) throws {
    self.path = path
    var configuration = Configuration()
    configuration.label = "ledger"
    configuration.readonly = access == .reading && Foundation.access(path, W_OK) != 0
    configuration.busyMode = .immediateError
    configuration.prepareDatabase { database in
      // A file of unknown origin must not run functions or lie about its cells.
      try database.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
      // In KiB: what is in memory of a result does not grow with it.
      try database.execute(sql: "PRAGMA cache_size = -2048")
      guard access == .spending else { return }
      try database.execute(
        sql: "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = EXTRA")
    }
    database = try Self.translating(path) {
      try DatabaseQueue(path: path, configuration: configuration)
    }
  }

  func close() throws { try Self.translating(path) { try database.close() } }

  /// Runs `body` in one transaction. It is durable when this returns.
  func transaction<Result>(
    _ kind: Database.TransactionKind = .immediate, _ body: (Database) throws -> Result
  ) throws -> Result {
    try access { try Self.transaction(kind, in: $0, body) }
  }

  /// Runs `body`, alone and outside any transaction.
  func access<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try Self.translating(path) { try database.writeWithoutTransaction(body) }
  }

  static func transaction<Result>(
    _ kind: Database.TransactionKind = .immediate, in database: Database,
    _ body: (Database) throws -> Result
  ) throws -> Result {
    var result: Result?
    try database.inTransaction(kind) {
      result = try body(database)
      return .commit
    }
    guard let result else { preconditionFailure("a committed transaction has a result") }
    return result
  }

  /// Runs `body` and turns what SQLite says into what a person can act on.
  static func translating<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw LedgerError(error, path: path)
    } catch is RowDecodingError {
      throw LedgerError.damaged(path, entry: nil, what: "a stored value has the wrong type")
    }
  }

  private static func checkFile(_ path: String, for access: Access) throws {
    var status = stat()
    guard stat(path, &status) == 0 else { throw LedgerError.opening(path, code: errno) }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
      throw LedgerError.notALedger(path)
    }
    let mode = UInt16(status.st_mode & 0o7777)
    guard mode & 0o077 == 0 else { throw LedgerError.exposed(path, mode: mode) }
    // The superuser may write any file; what its owner made read-only stays so all the same.
    guard access == .reading || (mode & 0o200 != 0 && Foundation.access(path, W_OK) == 0) else {
      throw LedgerError.readOnly(path)
    }
  }

  private func checkFormat() throws {
    try access { database in
      let mark = try Int.fetchOne(database, sql: "PRAGMA application_id")
      guard mark == LedgerSchema.applicationID else { throw LedgerError.notALedger(path) }
      let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
      guard version <= LedgerSchema.version else {
        throw LedgerError.newerFormat(path, found: version, known: LedgerSchema.version)
      }
      guard version >= 1 else { throw LedgerError.notALedger(path) }
    }
  }

  /// Takes the lock, which locking mode EXCLUSIVE keeps until the file is closed.
  private func lock() throws {
    try transaction(.exclusive) { _ in }
    try access { database in
      let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = DELETE")
      guard mode == "delete" else {
        throw LedgerError.storage(path, reason: "journal mode \(mode ?? "unknown")")
      }
    }
  }
}
