internal import Crypto
internal import Foundation
internal import GRDB
internal import LocalPrivacy

/// A request before and after its debit.
extension DurableLedger {
  /// Who asks for what, as the ledger tells requests apart.
  struct Request {
    let name: String
    let loss: StoredLoss
    let contents: RequestContents
    /// What it is for; kept where the ledger's format allows.
    let purpose: LedgerPurpose?
    /// Whether an interrupted debit of the same request may be paid a second time.
    let payingAgain: Bool
  }

  enum Reservation {
    /// The entry whose stored result answers the request; it has been verified.
    case stored(EntryID, LedgerVerification)
    case reserved(EntryID)
  }

  /// Finds the stored result of the same request, or debits the request.
  ///
  /// - Parameters:
  ///   - database: Within a transaction that the caller commits before it draws.
  ///   - admit: Throws when the debits so far leave no room for this one.
  func reserve(
    _ request: Request, in database: Database, admit: (LedgerChain) throws -> Void
  ) throws -> Reservation {
    let verified = try LedgerVerification(database, path: path)
    let loss = try request.loss.text()
    var keyed = try verified.header.fingerprint(of: request, loss: request.loss.identity())
    try request.contents.read { keyed.update($0) }
    let fingerprint = keyed.finalize()
    let earlier = verified.chain.debits.filter { $0.reservation.name == request.name }
    guard earlier.allSatisfy({ $0.reservation.fingerprint == fingerprint }) else {
      throw LedgerError.nameTaken(request.name)
    }
    if let completed = earlier.first(where: { $0.completion != nil }) {
      try verified.checkResult(of: completed, in: database, path: path)
      return .stored(EntryID(completed.entry), verified)
    }
    if let interrupted = earlier.last, !request.payingAgain {
      throw LedgerError.unfinished(name: request.name, entry: EntryID(interrupted.entry))
    }
    try admit(verified.chain)
    let purpose =
      verified.header.version >= LedgerSchema.withPurposesAndParts
      ? request.purpose?.rawValue : nil
    let entry = verified.chain.next(
      .reserved(
        ChainedEntry.Reservation(
          unit: request.loss.unit, name: request.name, loss: loss, fingerprint: fingerprint,
          purpose: purpose)),
      time: Self.now)
    try EntryStorage.write(entry, to: database)
    return .reserved(EntryID(entry.sequence))
  }

  /// Stores the result of a reservation. The same bytes may be stored again, others never.
  func complete(
    _ entry: EntryID, unit: PrivacyUnit, with bytes: [UInt8], in database: Database
  ) throws {
    let verified = try LedgerVerification(database, path: path)
    guard let debit = verified.chain.debit(entry.number), debit.reservation.unit == unit else {
      throw LedgerError.notReserved(entry)
    }
    let digest = Array(SHA256.hash(data: bytes))
    if let completion = debit.completion, completion.digest == digest { return }
    let name = debit.reservation.name
    let isCompleted = verified.chain.debits.contains {
      $0.reservation.name == name && $0.completion != nil
    }
    guard !isCompleted else { throw LedgerError.alreadyCompleted(name: name) }
    let completion = ChainedEntry.Completion(reservation: entry.number, digest: digest)
    try verified.results(in: database).write(bytes, of: entry.number)
    try EntryStorage.write(
      verified.chain.next(.completed(completion), time: Self.now), to: database)
  }

  /// Refuses before anything is spent when the disk has no room for a result.
  ///
  /// - Parameter byteCount: The size of the result; the journal may need as much again.
  func requireRoom(for byteCount: Int) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return }
    let free = Double(status.f_bavail) * Double(status.f_frsize)
    // A few pages for the entries themselves.
    guard free >= 2 * Double(byteCount) + 65536 else { throw LedgerError.diskFull(path) }
  }
}
