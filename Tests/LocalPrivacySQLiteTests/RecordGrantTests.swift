import Foundation
import GRDB
import LocalPrivacy
import LocalPrivacySQLite
import Testing

@Suite struct RecordGrantTests {
  @Test func `a grant is debited before it is given`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    let entry = try ledger.debit("round 1")
    let statement = try ledger.statement()
    #expect(statement.entries.map(\.id) == [entry])
    #expect(statement.entries.map(\.isCompleted) == [false])
    let loss = try RecordLoss(of: LedgerBench.procedure(), delta: LedgerBench.delta)
    guard case .record(let stored) = statement.entries[0].loss else {
      Issue.record("the loss is about something else")
      return
    }
    #expect(stored == loss)
    #expect(statement.spentOnRecords?.epsilon ?? 0 > 0.5)
  }

  @Test func `a completed request gives the same bytes for good and spends nothing`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    var ledger = try bench.create()
    try ledger.complete(ledger.debit("round 1"), with: bytes)
    let before = try ledger.statement()
    for _ in 0..<3 {
      #expect(try ledger.answer("round 1") == .repeated(bytes))
      #expect(try ledger.answer("round 1", payingAgain: true) == .repeated(bytes))
      try ledger.close()
      ledger = try bench.open()
    }
    #expect(try ledger.statement().head == before.head)
  }

  @Test func `an overspend is refused and spends nothing`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    try ledger.debit("round 1")
    try ledger.debit("round 2")
    let before = try ledger.statement()
    let error = #expect(throws: PrivacyError.self) { try ledger.debit("round 3") }
    guard case .recordBudgetExceeded(let name, let limit, let after) = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    #expect(name == "round 3" && limit == 2.2 && after > 2.2)
    #expect(try ledger.statement().head == before.head)
    try ledger.close()
    let reopened = try bench.open()
    #expect(throws: PrivacyError.self) { try reopened.debit("round 3") }
    #expect(try reopened.statement().head == before.head)
  }

  @Test func `the durable ledger admits what the one in memory admits`() throws {
    let limit = try RecordBudget(epsilon: 2.2, delta: 1e-5)
    for multiplier in [1.5, 2, 3, 5, 9] {
      let procedure = try GaussianProcedure(
        sampling: .everyRecord, steps: 3, noiseMultiplier: multiplier)
      let bench = try LedgerBench()
      defer { bench.remove() }
      let durable = try bench.create()
      var memory = RecordLedger(limit: limit)
      for round in 0..<12 {
        let isAllowed = (try? memory.debit(procedure, delta: 1e-6, as: "\(round)")) != nil
        let isGranted =
          (try? durable.answer("\(round)", procedure: procedure, delta: 1e-6)) != nil
        #expect(isAllowed == isGranted)
      }
      #expect(try durable.statement().spentOnRecords == memory.composed)
    }
  }

  @Test func `an interrupted request stays spent and is paid again only when asked`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let first = try bench.create()
    let entry = try first.debit("round 1")
    try first.close()

    let ledger = try bench.open()
    let once = try ledger.statement()
    #expect(once.entries.map(\.isCompleted) == [false])
    #expect(throws: LedgerError.unfinished(name: "round 1", entry: entry)) {
      try ledger.debit("round 1")
    }
    #expect(try ledger.statement().head == once.head)
    let again = try ledger.debit("round 1", payingAgain: true)
    #expect(again != entry)
    let twice = try ledger.statement()
    #expect(twice.entries.map(\.isCompleted) == [false, false])
    let one = try #require(once.spentOnRecords).epsilon
    let two = try #require(twice.spentOnRecords).epsilon
    #expect(two > 1.3 * one)
    // There is no room for a third.
    #expect(throws: PrivacyError.self) { try ledger.debit("round 1", payingAgain: true) }

    try ledger.complete(again, with: [7])
    #expect(try ledger.answer("round 1") == .repeated([7]))
    // The first may still be running: its result comes too late.
    #expect(throws: LedgerError.alreadyCompleted(name: "round 1")) {
      try ledger.complete(entry, with: [8])
    }
    #expect(try ledger.answer("round 1") == .repeated([7]))
  }

  @Test func `a name stands for one request and two names are two`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    try ledger.complete(ledger.debit("round 1"), with: [1])
    let before = try ledger.statement().head
    #expect(throws: LedgerError.nameTaken("round 1")) {
      try ledger.answer("round 1", fingerprint: [1, 2, 4])
    }
    #expect(throws: LedgerError.nameTaken("round 1")) {
      try ledger.answer("round 1", delta: 4e-6)
    }
    #expect(throws: PrivacyError.emptyRelease) { try ledger.debit("") }
    #expect(try ledger.statement().head == before)
    try ledger.complete(ledger.debit("round 2"), with: [2])
    #expect(try ledger.answer("round 1") == .repeated([1]))
    #expect(try ledger.answer("round 2") == .repeated([2]))
  }

  @Test func `a result is stored once`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    let entry = try ledger.debit("round 1")
    try ledger.complete(entry, with: [1, 2])
    try ledger.complete(entry, with: [1, 2])
    #expect(throws: LedgerError.alreadyCompleted(name: "round 1")) {
      try ledger.complete(entry, with: [1, 3])
    }
    // An empty result is one as well.
    let empty = try ledger.debit("round 2")
    try ledger.complete(empty, with: [])
    #expect(try ledger.answer("round 2") == .repeated([]))
    // Entries 3 and 4 are results, or nothing.
    for number in [0, -1, 2, 4, 5, .max] {
      #expect(throws: LedgerError.notReserved(EntryID(number))) {
        try ledger.complete(EntryID(number), with: [1])
      }
    }
  }

  @Test func `tasks that ask at once spend no more than one after another`() async throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    let granted = await withTaskGroup(of: Bool.self) { group in
      for round in 0..<16 {
        group.addTask { (try? ledger.debit("round \(round)")) != nil }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(granted == 2)
    #expect(try ledger.statement().entries.count == 2)
  }

  @Test func `the fingerprint of the same request differs between ledgers`() throws {
    let prints = try (0..<2).map { _ in
      let bench = try LedgerBench()
      defer { bench.remove() }
      let ledger = try bench.create()
      try ledger.debit("round 1")
      return try ledger.statement().entries[0].fingerprint
    }
    #expect(prints[0].count == 64 && prints[0] != prints[1])
  }

  @Test func `a ledger without a limit for records grants none`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try DurableLedger.create(
      at: bench.path, limits: LedgerLimits(records: nil, values: .value(epsilon: 1)))
    #expect(throws: LedgerError.noLimit(.record)) { try ledger.debit("round 1") }
    #expect(try ledger.statement().entries.isEmpty)
  }

  @Test func `a full disk is refused before anything is spent`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try DurableLedger.create(
      at: bench.path,
      limits: LedgerLimits(records: RecordBudget(epsilon: 1000, delta: 1e-3), values: nil))
    let entry = try ledger.debit("round 1")
    // SQLite's own limit stands in for the disk's; the least is what the file has now.
    try ledger.file.database.writeWithoutTransaction {
      _ = try Int.fetchOne($0, sql: "PRAGMA max_page_count = 1")
    }
    var before = try ledger.statement()
    #expect(throws: LedgerError.diskFull(bench.path)) {
      try ledger.complete(entry, with: [UInt8](repeating: 1, count: 100_000))
    }
    #expect(try ledger.statement().head == before.head)
    var error: LedgerError?
    for round in 2..<500 where error == nil {
      before = try ledger.statement()
      do { try ledger.debit("round \(round)") } catch let full as LedgerError { error = full }
    }
    #expect(error == .diskFull(bench.path))
    #expect(try ledger.statement().head == before.head)
    try ledger.close()
    // With room again it goes on where it was.
    let reopened = try bench.open()
    #expect(try reopened.statement().head == before.head)
    try reopened.complete(entry, with: [UInt8](repeating: 1, count: 100_000))
  }
}
