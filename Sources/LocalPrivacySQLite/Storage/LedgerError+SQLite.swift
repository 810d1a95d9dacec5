internal import Foundation
internal import GRDB

extension LedgerError {
  /// Only SQLite's own words are kept: a statement's arguments may be private.
  init(_ error: DatabaseError, path: String) {
    self =
      switch error.resultCode {
      case .SQLITE_FULL: .diskFull(path)
      case .SQLITE_READONLY: .readOnly(path)
      case .SQLITE_BUSY, .SQLITE_LOCKED: .inUse(path)
      case .SQLITE_NOTADB: .notALedger(path)
      case .SQLITE_CORRUPT: .damaged(path, entry: nil, what: "its pages do not fit together")
      default: .storage(path, reason: error.message ?? "SQLite code \(error.errorCode)")
      }
  }

  /// What the system said when the file was to be opened.
  static func opening(_ path: String, code: Int32) -> LedgerError {
    switch code {
    case EEXIST: .exists(path)
    case ENOENT: .missing(path)
    case EROFS, EACCES, EPERM: .readOnly(path)
    case ENOSPC, EDQUOT: .diskFull(path)
    default: .storage(path, reason: String(cString: strerror(code)))
    }
  }
}
