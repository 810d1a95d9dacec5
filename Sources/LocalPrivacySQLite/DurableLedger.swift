internal import Crypto
internal import Foundation
internal import GRDB
public import LocalPrivacy

/// What a party has released and lost, in a file that outlives the process.
///
///     reserve, make durable, draw, store the noised bytes, hand them out
///
/// A debit is on the disk before its noise exists, and a result before anyone sees it: whenever
/// the process is killed, what was spent is at least what was released. The same request gives the
/// same stored bytes and spends nothing, so that averaging repeats gains nothing.
///
/// One process has a ledger open at a time; within it, tasks may share this object. Every answer
/// begins by verifying the chain of entries.
///
/// A copy of the file that is put back later looks like any other ledger: it shows only against a
/// ``LedgerAnchor`` or a ``LedgerStatement/head`` that was kept elsewhere.
public final class DurableLedger: Sendable {
  public let path: String
  public let limits: LedgerLimits
  /// Signs the party's certificates; made with the ledger and kept in it.
  public let signingKey: SigningKey
  package let file: LedgerFile

  /// Makes a ledger with a fresh signing key, in a new file of mode 0600.
  ///
  /// - Parameters:
  ///   - path: Where no file is yet, in a folder that exists.
  ///   - limits: What may be spent, for good.
  /// - Throws: ``LedgerError/exists(_:)``, ``LedgerError/readOnly(_:)``,
  ///   ``LedgerError/diskFull(_:)`` or ``LedgerError/storage(_:reason:)``; nothing is left behind
  ///   then.
  public static func create(at path: String, limits: LedgerLimits) throws -> DurableLedger {
    let signingKey = SigningKey()
    let header = LedgerHeader(
      version: LedgerSchema.version, created: now, limits: try CanonicalJSON.text(of: limits),
      signingKey: signingKey.rawRepresentation,
      fingerprintKey: SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) })
    let file = try LedgerFile.make(at: path) { database in
      try database.execute(
        sql: """
          PRAGMA application_id = \(LedgerSchema.applicationID);
          PRAGMA user_version = \(LedgerSchema.version);
          \(LedgerSchema.statements(LedgerSchema.version))
          """)
      try EntryStorage.write(header, to: database)
    }
    return DurableLedger(file, signingKey, limits)
  }

  /// Opens a ledger for spending and verifies all of it.
  ///
  /// - Parameter path: A ledger that no process has open.
  /// - Throws: ``LedgerError/missing(_:)``, ``LedgerError/exposed(_:mode:)``,
  ///   ``LedgerError/readOnly(_:)``, ``LedgerError/inUse(_:)``, ``LedgerError/notALedger(_:)``,
  ///   ``LedgerError/newerFormat(_:found:known:)``, ``LedgerError/damaged(_:entry:what:)`` or
  ///   ``LedgerError/storage(_:reason:)``.
  /// - Complexity: Reads the whole file.
  public static func open(at path: String) throws -> DurableLedger {
    let file = try LedgerFile.open(at: path, for: .spending)
    do {
      let (verified, limits) = try file.verified()
      let signingKey = try SigningKey(rawRepresentation: verified.header.signingKey)
      return DurableLedger(file, signingKey, limits)
    } catch {
      try? file.close()
      throw error
    }
  }

  private init(_ file: LedgerFile, _ signingKey: SigningKey, _ limits: LedgerLimits) {
    path = file.path
    self.limits = limits
    self.signingKey = signingKey
    self.file = file
  }

  /// Ends the hold on the file. Without it the hold ends with this object.
  ///
  /// - Throws: ``LedgerError/storage(_:reason:)``.
  public func close() throws {
    try file.close()
  }

  /// What the ledger says now, verified in full.
  ///
  /// - Throws: As ``open(at:)``.
  /// - Complexity: Reads the whole file.
  public func statement() throws -> LedgerStatement {
    let (verified, limits) = try file.verified()
    return try LedgerStatement(verified, limits: limits, path: path)
  }

  /// Seconds since 1970, UTC. It is recorded and decides nothing.
  static var now: Int { Int(Date().timeIntervalSince1970) }
}

extension LedgerFile {
  /// Everything in the file, verified, with the limits that its head states.
  func verified() throws -> (LedgerVerification, LedgerLimits) {
    let verified = try transaction(.deferred) { database in
      let verified = try LedgerVerification(database, path: path)
      try verified.checkRest(database, path: path)
      return verified
    }
    guard
      let limits = try? CanonicalJSON.value(LedgerLimits.self, from: verified.header.limits)
    else { throw LedgerError.damaged(path, entry: 0, what: "its limits can't be read") }
    return (verified, limits)
  }
}
