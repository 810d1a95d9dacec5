internal import LocalPrivacy

/// All entries of a ledger, each verified to follow the one before it.
struct LedgerChain {
  struct Debit {
    let entry: Int
    let time: Int
    let reservation: ChainedEntry.Reservation
    let loss: StoredLoss
    let purpose: LedgerPurpose?
    var completion: ChainedEntry.Completion?
  }

  /// What is wrong with an entry, and which.
  struct Break: Error {
    let entry: Int
    let what: String
  }

  /// All reservations, in order.
  private(set) var debits: [Debit] = []
  /// The number of entries.
  private(set) var count = 0
  /// The hash of the header and those of all entries, in order.
  private(set) var hashes: [[UInt8]]
  /// The hash of the last entry, or of the header.
  private(set) var head: [UInt8]
  private var indices: [Int: Int] = [:]

  init(_ header: LedgerHeader) {
    head = header.hash
    hashes = [head]
  }

  /// Takes the next entry.
  ///
  /// - Throws: ``Break`` when it is not what follows.
  mutating func append(_ entry: ChainedEntry) throws {
    let next = count + 1
    guard entry.sequence == next else {
      throw Break(entry: next, what: "it is missing, and entry \(entry.sequence) comes instead")
    }
    guard entry.follows(head) else {
      throw Break(
        entry: next, what: "it does not match its hash, or an entry was changed before it")
    }
    switch entry.event {
    case .reserved(let reservation):
      guard let loss = try? StoredLoss(reservation) else {
        throw Break(entry: next, what: "its loss can't be read")
      }
      let purpose: LedgerPurpose?
      do {
        purpose = try reservation.purpose.map { try LedgerPurpose($0) }
      } catch {
        throw Break(entry: next, what: "its purpose can't be read")
      }
      indices[next] = debits.count
      debits.append(
        Debit(
          entry: next, time: entry.time, reservation: reservation, loss: loss, purpose: purpose))
    case .completed(let completion):
      guard let index = indices[completion.reservation], debits[index].completion == nil else {
        throw Break(
          entry: next, what: "it completes entry \(completion.reservation), which awaits nothing")
      }
      debits[index].completion = completion
    }
    count = next
    head = entry.hash
    hashes.append(head)
  }

  /// The entry behind the last one, not yet taken.
  func next(_ event: ChainedEntry.Event, time: Int) -> ChainedEntry {
    ChainedEntry(sequence: count + 1, time: time, event: event, after: head)
  }

  /// The debit of a reservation.
  func debit(_ entry: Int) -> Debit? { indices[entry].map { debits[$0] } }

  /// All losses about records, in order; those of one purpose where one is given.
  func recordDebits(for purpose: LedgerPurpose? = nil) -> [RecordLedger.Debit] {
    debits.compactMap { debit in
      guard case .record(let loss) = debit.loss, purpose == nil || debit.purpose == purpose else {
        return nil
      }
      return RecordLedger.Debit(name: debit.reservation.name, loss: loss)
    }
  }

  /// All losses of values, in order.
  var payments: [LedgerLimits.Payment] {
    debits.compactMap { debit in
      guard case .values(let expenditure) = debit.loss else { return nil }
      return LedgerLimits.Payment(expenditure: expenditure, purpose: debit.purpose)
    }
  }
}
