import Foundation
import LocalPrivacy
import LocalPrivacySQLite
import Testing

@Suite struct LedgerFileTests {
  @Test func `a new ledger is one file that its owner alone may read, and opens again`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    let made = try ledger.statement()
    try ledger.close()
    #expect(try bench.names == ["party.ledger"])
    let attributes = try FileManager.default.attributesOfItem(atPath: bench.path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)

    let opened = try bench.open()
    #expect(opened.limits == (try LedgerBench.limits()))
    let again = try opened.statement()
    #expect(again.head == made.head && again.publicKey == made.publicKey)
    #expect(opened.signingKey.verificationKey == made.publicKey)
    #expect(again.entries.isEmpty && again.spentOnRecords?.epsilon == 0)
    try opened.debit("round 1")
    let later = try opened.statement()
    #expect(made.genesis == made.head && later.genesis == made.head && later.head != made.head)
  }

  @Test func `two ledgers have other keys and heads`() throws {
    let statements = try (0..<2).map { _ in
      let bench = try LedgerBench()
      defer { bench.remove() }
      return try bench.create().statement()
    }
    #expect(statements[0].publicKey != statements[1].publicKey)
    #expect(statements[0].head != statements[1].head)
  }

  @Test func `a ledger without a limit can't be made`() {
    #expect(throws: LedgerError.noLimits) { try LedgerLimits(records: nil, values: nil) }
  }

  @Test func `limits come back exactly`() throws {
    for limits in [
      try LedgerLimits(records: RecordBudget(epsilon: 0.1, delta: 1e-7), values: nil),
      try LedgerLimits(records: nil, values: .value(epsilon: 1.0 / 3)),
      try LedgerLimits(
        records: RecordBudget(epsilon: 1e300, delta: 0.5),
        values: .model(epsilon: 12345.678, delta: 1e-9)),
    ] {
      let bench = try LedgerBench()
      defer { bench.remove() }
      try DurableLedger.create(at: bench.path, limits: limits).close()
      #expect(try bench.open().limits == limits)
    }
  }

  @Test func `a ledger is never made over a file, nor over a journal of another`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    try bench.write(Data("something".utf8))
    #expect(throws: LedgerError.exists(bench.path)) { try bench.create() }
    #expect(try bench.bytes() == Data("something".utf8))
    try FileManager.default.removeItem(atPath: bench.path)
    for suffix in ["-journal", "-wal"] {
      try Data("x".utf8).write(to: URL(fileURLWithPath: bench.path + suffix))
      #expect(throws: LedgerError.exists(bench.path + suffix)) { try bench.create() }
      #expect(!FileManager.default.fileExists(atPath: bench.path))
      try FileManager.default.removeItem(atPath: bench.path + suffix)
    }
    try bench.create().close()
  }

  @Test func `a folder that is missing is said`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let path = bench.folder + "/none/party.ledger"
    #expect(throws: LedgerError.storage(path, reason: "its folder is missing")) {
      try DurableLedger.create(at: path, limits: LedgerBench.limits())
    }
    #expect(throws: LedgerError.missing(path)) { try DurableLedger.open(at: path) }
    #expect(throws: LedgerError.missing(path)) { try LedgerStatement(ofLedgerAt: path) }
  }

  @Test(arguments: [0o640, 0o620, 0o604, 0o602, 0o644, 0o666, 0o610, 0o601])
  func `a file that others may touch is refused`(mode: Int) throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    try bench.create().close()
    try bench.setMode(mode)
    let error = LedgerError.exposed(bench.path, mode: UInt16(mode))
    #expect(throws: error) { try bench.open() }
    #expect(throws: error) { try bench.statement() }
    #expect("\(error)".contains("chmod 600"))
  }

  @Test func `a read-only file can be read and not spent from`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    try bench.create().close()
    try bench.setMode(0o400)
    #expect(throws: LedgerError.readOnly(bench.path)) { try bench.open() }
    #expect(try bench.statement().entries.isEmpty)
  }

  @Test func `what is no ledger is refused as that, and left as it was`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    for contents in [
      Data(), Data("x".utf8), Data(repeating: 0, count: 100), Data(repeating: 7, count: 5000),
      Data("SQLite format 3\0".utf8), Data("SQLite format 3\0".utf8) + Data(count: 4080),
    ] {
      try bench.write(contents)
      try bench.setMode(0o600)
      #expect(throws: LedgerError.self) { try bench.open() }
      #expect(throws: LedgerError.self) { try bench.statement() }
      #expect(try bench.bytes() == contents)
    }
    try FileManager.default.removeItem(atPath: bench.path)
    try bench.edit("CREATE TABLE entry (sequence INTEGER)")
    try bench.setMode(0o600)
    #expect(throws: LedgerError.notALedger(bench.path)) { try bench.open() }
    try FileManager.default.removeItem(atPath: bench.path)
    try FileManager.default.createDirectory(
      atPath: bench.path, withIntermediateDirectories: false)
    #expect(throws: LedgerError.notALedger(bench.path)) { try bench.open() }
  }

  @Test func `a newer format is refused`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    try bench.create().close()
    try bench.edit("PRAGMA user_version = 3")
    let error = LedgerError.newerFormat(bench.path, found: 3, known: 2)
    #expect(throws: error) { try bench.open() }
    #expect(throws: error) { try bench.statement() }
  }

  @Test func `a ledger that is open can't be opened again`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    #expect(throws: LedgerError.inUse(bench.path)) { try bench.open() }
    #expect(throws: LedgerError.inUse(bench.path)) { try bench.statement() }
    // The refusals did not end the first one's hold.
    #expect(throws: LedgerError.inUse(bench.path)) { try bench.open() }
    try ledger.debit("round 1")
    try ledger.close()
    #expect(try bench.open().statement().entries.count == 1)
  }

  @Test func `a file that was set to a write-ahead log goes back to one file`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    try bench.create().close()
    try bench.edit("PRAGMA journal_mode = WAL")
    let ledger = try bench.open()
    try ledger.debit("round 1")
    try ledger.close()
    #expect(try bench.names == ["party.ledger"])
  }

  @Test func `every message says what to do and shows no key`() throws {
    let entry = EntryID(7)
    for error in [
      LedgerError.exists("p"), .missing("p"), .exposed("p", mode: 0o644), .readOnly("p"),
      .inUse("p"), .notALedger("p"), .newerFormat("p", found: 2, known: 1),
      .damaged("p", entry: 3, what: "w"), .anotherLedger("p"),
      .olderCopy("p", chainLength: 1, anchored: 2), .anchorMalformed("w"), .anchorSignature,
      .diskFull("p"), .storage("p", reason: "r"), .noLimits,
      .noLimit(.record), .unfinished(name: "n", entry: entry), .nameTaken("n"),
      .notReserved(entry), .alreadyCompleted(name: "n"), .purpose("p"), .noParts("p"),
      .purposeExceeded(.head, name: "n", limit: 1, after: 2),
    ] {
      #expect("\(error)".contains(":"))
    }
    #expect("\(LedgerError.exposed("p", mode: 0o644))".contains("0644"))
    #expect("\(LedgerError.unfinished(name: "n", entry: entry))".contains("pays it again"))
  }
}
