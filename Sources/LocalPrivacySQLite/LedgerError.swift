public import LocalPrivacy

/// What can go wrong with a durable ledger. No case holds a private value or a key.
///
/// What a budget refuses is a `PrivacyError`, as from a ledger in memory.
public enum LedgerError: Error, Equatable, CustomStringConvertible {
  /// A ledger, or the journal of one, is already at the path.
  case exists(String)
  /// There is no file at the path.
  case missing(String)
  /// Others than the owner may read or write the file.
  case exposed(String, mode: UInt16)
  /// The file, or its file system, may not be written.
  case readOnly(String)
  /// Another process, or another part of this one, has the ledger open.
  case inUse(String)
  /// The file is something else.
  case notALedger(String)
  /// The file was written by a newer version of this software.
  case newerFormat(String, found: Int, known: Int)
  /// The file is truncated or was changed. Entry 0 is the head of the file: its limits and keys.
  case damaged(String, entry: Int?, what: String)
  /// The anchor was taken of another ledger.
  case anotherLedger(String)
  /// The chain does not hold the link that the anchor was taken at.
  case olderCopy(String, chainLength: Int, anchored: Int)
  /// What was given as an anchor is none.
  case anchorMalformed(String)
  /// The anchor was altered after it was signed.
  case anchorSignature
  /// There is no room for what has to be stored.
  case diskFull(String)
  /// The storage refused for another reason, in SQLite's words.
  case storage(String, reason: String)
  /// A ledger without any limit would protect nothing.
  case noLimits
  /// The ledger has no limit of the kind that the loss needs.
  case noLimit(PrivacyUnit)
  /// The release would take the loss of its purpose over that purpose's limit.
  case purposeExceeded(LedgerPurpose, name: String, limit: Double, after: Double)
  /// A purpose that can't be one.
  case purpose(String)
  /// A ledger of the first format holds no results in parts.
  case noParts(String)
  /// An identical request was debited and has no stored result.
  case unfinished(name: String, entry: EntryID)
  /// The name stands for another request.
  case nameTaken(String)
  /// A result was given for an entry that waits for none.
  case notReserved(EntryID)
  /// The request has a stored result already, and a result never changes.
  case alreadyCompleted(name: String)
  /// No result is stored for what a receipt was asked for, an entry or a name.
  case nothingReleased(String)
  /// The ledger does not bear out a receipt.
  case otherReceipt(String, what: String)

  public var description: String {
    switch self {
    case .exists(let path):
      "\(path) exists, or a journal of it does: name a new file, since what a ledger says is "
        + "spent is never overwritten"
    case .missing(let path):
      "there is no file \(path): make a ledger with `privfusion ledger create`"
    case .exposed(let path, let mode):
      "\(path) holds a signing key and has mode \(Self.octal(mode)), so that others may read or "
        + "write it: run `chmod 600` on it, and make a new one if others had access"
    case .readOnly(let path):
      "\(path) can't be written: nothing was spent; give its owner the right to write it and its "
        + "folder"
    case .inUse(let path):
      "\(path) is open elsewhere, and one process at a time may spend from it: end the other one "
        + "first"
    case .notALedger(let path):
      "\(path) is no ledger: name another file; if making it was interrupted, delete it and make "
        + "it again"
    case .newerFormat(let path, let found, let known):
      "\(path) has format \(found), and this version knows formats up to \(known): use a newer "
        + "version"
    case .damaged(let path, let entry, let what):
      "\(path) is damaged\(entry.map { " at entry \($0)" } ?? ""): \(what); nothing can be spent "
        + "from it: compare it with a copy or a receipt kept elsewhere, and count what it may have "
        + "spent as spent"
    case .anotherLedger(let path):
      "\(path) is another ledger than the anchor was taken of: nothing was spent; name the ledger "
        + "and the anchor that belong together"
    case .olderCopy(let path, let chainLength, let anchored):
      "\(path) has \(chainLength) links and does not continue from the anchor, which was taken at "
        + "link \(anchored): it is an older copy, or one that was spent from; nothing was spent: use "
        + "the ledger itself, or count what it had spent as spent and make a new one with the rest"
    case .anchorMalformed(let what):
      "this is no anchor of a ledger: \(what); make one with `privfusion ledger anchor`, or give a "
        + "receipt"
    case .anchorSignature:
      "the anchor's signature is not of its contents: it was altered or damaged; take another copy "
        + "of it"
    case .diskFull(let path):
      "there is no room to store the result or the debit in \(path): free some disk space; what "
        + "was not recorded was not released"
    case .storage(let path, let reason):
      "\(path) could not be read or written (\(reason)): nothing was released; check the disk and "
        + "the folder's rights"
    case .noLimits:
      "a ledger needs a limit for records or for values, got neither: write at least one"
    case .noLimit(let unit):
      "this ledger has no limit for losses of a \(unit.rawValue), so that it allows none: make "
        + "another ledger with one"
    case .purposeExceeded(let purpose, let name, let limit, let after):
      "releasing \"\(name)\" would take the loss for \(purpose) to \(after), over the limit of "
        + "\(limit) that this ledger has for it: nothing was spent; release less, or at a smaller "
        + "epsilon"
    case .purpose(let text):
      "a purpose has 1 to 32 of a ... z, 0 ... 9 and -, got \(text.debugDescription): choose such a "
        + "word"
    case .noParts(let path):
      "\(path) was made by an older version and holds no results in parts: release the values as a "
        + "whole, or make a new ledger with what is left"
    case .unfinished(let name, let entry):
      "\"\(name)\" was debited as entry \(entry) and has no result: it was interrupted or still "
        + "runs; its loss stays spent, and running it again pays it again: ask for that in so "
        + "many words, or choose something else"
    case .nameTaken(let name):
      "\"\(name)\" stands for another request in this ledger: choose another name"
    case .notReserved(let entry):
      "entry \(entry) is no reservation that waits for a result: complete the one that was granted"
    case .alreadyCompleted(let name):
      "\"\(name)\" has a result already, and a result never changes: ask for it again to get the "
        + "stored one"
    case .nothingReleased(let subject):
      "this ledger stored no result for \(subject), and a receipt is about released bytes: "
        + "`privfusion ledger show` lists what has one"
    case .otherReceipt(let path, let what):
      "\(path) does not bear out the receipt: \(what)"
    }
  }

  private static func octal(_ mode: UInt16) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
