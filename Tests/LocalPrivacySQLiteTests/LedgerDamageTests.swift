import Foundation
import GRDB
import LocalPrivacy
import LocalPrivacySQLite
import Testing

/// What became of the file outside: nothing is believed that the chain does not bear out.
@Suite struct LedgerDamageTests {
  /// A closed ledger with four debits, the third one without a result, and its statement.
  ///
  ///     1 "first", 2 its result, 3 "second", 4 its result, 5 "third", 6 "fourth", 7 its result
  static func filled() throws -> (LedgerBench, LedgerStatement) {
    let bench = try LedgerBench()
    let ledger = try bench.create()
    try ledger.complete(ledger.debit("first"), with: Array("the first result".utf8))
    _ = try ledger.release(
      [0, 1, 2, 1], through: RandomizedResponse(categories: 3, epsilon: 1), as: "second")
    try ledger.debit("third")
    let large = try Clipped((0..<30_000).map { Float($0) }, radius: 1)
    _ = try ledger.release(large, through: NumericMechanism(.duchi, epsilon: 1), as: "fourth")
    try ledger.close()
    return (bench, try bench.statement())
  }

  /// The entry at which opening and reading both find the damage.
  static func damagedEntry(_ bench: LedgerBench) -> Int? {
    var entries: [Int?] = []
    for attempt in [{ _ = try bench.open() }, { _ = try bench.statement() }] {
      do {
        try attempt()
        Issue.record("a damaged ledger was opened")
      } catch LedgerError.damaged(_, let entry, _) {
        entries.append(entry)
      } catch {
        Issue.record("another error: \(error)")
      }
    }
    #expect(entries.count == 2 && entries.first == entries.last)
    return entries.first ?? nil
  }

  /// Without the triggers, as whoever edits the file by hand leaves them out.
  static func edit(_ bench: LedgerBench, _ sql: String) throws {
    let queue = try DatabaseQueue(path: bench.path)
    try queue.writeWithoutTransaction { database in
      let triggers = try Row.fetchAll(
        database, sql: "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
      for trigger in triggers {
        try database.execute(sql: "DROP TRIGGER \(trigger["name"] as String)")
      }
      try database.execute(sql: "PRAGMA foreign_keys = OFF; \(sql)")
      for trigger in triggers { try database.execute(sql: trigger["sql"]) }
    }
    try queue.close()
  }

  @Test(arguments: [
    "UPDATE entry SET time = time + 1 WHERE sequence = 3",
    "UPDATE entry SET hash = zeroblob(32)", "UPDATE entry SET loss = loss || ' '",
    "UPDATE header SET limits = '{}'", "UPDATE result SET bytes = zeroblob(2)",
    "DELETE FROM entry WHERE sequence = 7", "DELETE FROM entry", "DELETE FROM result",
    "DELETE FROM header",
    "INSERT OR REPLACE INTO entry SELECT * FROM entry WHERE sequence = 3",
    "INSERT OR REPLACE INTO result SELECT reservation, part, zeroblob(2) FROM result",
    "INSERT INTO result VALUES (1, 2, zeroblob(2))",
    "INSERT OR REPLACE INTO header SELECT * FROM header",
    """
    INSERT INTO entry SELECT 9, time, nonce, event, unit, name, loss, fingerprint, purpose, reservation, digest, hash
    FROM entry WHERE sequence = 5
    """,
  ])
  func `a statement that changes what was written is refused by the file itself`(
    sql: String
  ) throws {
    let (bench, statement) = try Self.filled()
    defer { bench.remove() }
    let error = #expect(throws: DatabaseError.self) { try bench.edit(sql) }
    #expect(error?.message == "a ledger is append-only")
    #expect(try bench.open().statement().head == statement.head)
  }

  @Test(arguments: [
    ("UPDATE entry SET time = time + 1 WHERE sequence = 3", 3),
    ("UPDATE entry SET name = 'thirds' WHERE sequence = 5", 5),
    ("UPDATE entry SET unit = 'model' WHERE sequence = 3", 3),
    ("UPDATE entry SET unit = 'people' WHERE sequence = 3", 3),
    ("UPDATE entry SET loss = replace(loss, '0', '1') WHERE sequence = 1", 1),
    ("UPDATE entry SET fingerprint = randomblob(32) WHERE sequence = 6", 6),
    ("UPDATE entry SET reservation = 5 WHERE sequence = 4", 4),
    ("UPDATE entry SET digest = zeroblob(32) WHERE sequence = 7", 7),
    ("UPDATE entry SET hash = randomblob(32) WHERE sequence = 2", 2),
    ("DELETE FROM entry WHERE sequence = 3", 3),
    ("DELETE FROM entry WHERE sequence = 1", 1),
    ("UPDATE result SET bytes = 'x' || substr(bytes, 2) WHERE reservation = 1", 1),
    ("DELETE FROM result WHERE reservation = 6", 6),
    ("UPDATE entry SET purpose = 'head' WHERE sequence = 5", 5),
    ("INSERT INTO result VALUES (6, 1, zeroblob(3))", 6), ("PRAGMA user_version = 1", 0),
    ("UPDATE header SET limits = replace(limits, '2.2', '2.3')", 0),
    ("UPDATE header SET signing_key = randomblob(32)", 0),
    ("UPDATE header SET fingerprint_key = randomblob(32)", 0),
    ("UPDATE header SET created = created - 1", 0), ("DELETE FROM header", 0),
  ])
  func `an edit past the triggers is found, and the entry named`(sql: String, entry: Int) throws {
    let (bench, _) = try Self.filled()
    defer { bench.remove() }
    // STRICT tables take text for a blob only as a cast.
    let statement = sql.replacingOccurrences(
      of: "'x' || substr(bytes, 2)", with: "CAST('x' || substr(bytes, 2) AS BLOB)")
    try Self.edit(bench, statement)
    #expect(Self.damagedEntry(bench) == entry)
  }

  @Test(arguments: [
    "INSERT INTO result VALUES (5, 0, zeroblob(3))", "DROP TRIGGER entry_no_delete",
    "CREATE TABLE more (x)", "CREATE TRIGGER t AFTER INSERT ON entry BEGIN SELECT 1; END",
  ])
  func `what no entry accounts for is found`(sql: String) throws {
    let (bench, _) = try Self.filled()
    defer { bench.remove() }
    try bench.edit(sql)
    #expect(Self.damagedEntry(bench) == nil)
  }

  @Test func `a chain that was cut and written anew shows in its head alone`() throws {
    // A deliberate forger can't be found from the file: this is why heads are kept elsewhere.
    let (bench, statement) = try Self.filled()
    defer { bench.remove() }
    try Self.edit(
      bench, "DELETE FROM result WHERE reservation = 6; DELETE FROM entry WHERE sequence >= 6")
    let cut = try bench.statement()
    #expect(cut.entries.count == 3 && cut.head != statement.head)
    #expect(!cut.continues(from: statement.head) && statement.continues(from: cut.head))
  }

  @Test func `an older copy that was put back does not continue from a later head`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    try bench.create().close()
    let backup = try bench.bytes()
    let ledger = try bench.open()
    try ledger.debit("round 1")
    let kept = try ledger.statement().head
    try ledger.complete(EntryID(1), with: [1])
    #expect(try ledger.statement().continues(from: kept))
    try ledger.close()
    try bench.write(backup)
    #expect(try !bench.statement().continues(from: kept))
    // Spending again from the copy makes another chain.
    let restored = try bench.open()
    try restored.debit("round 1")
    #expect(try !restored.statement().continues(from: kept))
  }

  @Test func `a flipped bit in an entry is found, and the entry named`() throws {
    let (bench, _) = try Self.filled()
    defer { bench.remove() }
    let whole = try bench.bytes()
    let rows = try DatabaseQueue(path: bench.path).read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM entry WHERE sequence IN (5, 7)")
    }
    var flips = 0
    for row in rows {
      for column in ["nonce", "name", "loss", "fingerprint", "digest", "hash"] {
        guard let value = Data.fromDatabaseValue(row[column]), !value.isEmpty else { continue }
        let place = try #require(whole.range(of: value), "\(column) is stored in one piece")
        for offset in stride(from: 0, to: value.count, by: 7) {
          var flipped = whole
          flipped[place.lowerBound + offset] ^= 1 << UInt8(offset % 8)
          try bench.write(flipped)
          #expect(Self.damagedEntry(bench) == row["sequence"])
          flips += 1
        }
      }
    }
    #expect(flips > 40)
    try bench.write(whole)
    try bench.open().close()
  }

  @Test func `a flipped bit anywhere is found or changes nothing that is said`() throws {
    let (bench, statement) = try Self.filled()
    defer { bench.remove() }
    let whole = try bench.bytes()
    // 41 is no divisor of a page, so that all kinds of bytes are met; every bit position is, too.
    for (index, offset) in stride(from: 0, to: whole.count, by: 41).enumerated() {
      var flipped = whole
      flipped[offset] ^= 1 << UInt8(index % 8)
      try bench.write(flipped)
      do {
        let read = try bench.statement()
        #expect(read.head == statement.head && read.limits == statement.limits)
        #expect(read.publicKey == statement.publicKey)
        #expect(read.entries.map(\.id) == statement.entries.map(\.id))
      } catch is LedgerError {
        continue
      }
    }
  }

  @Test func `a page that holds anything else is found or changes nothing that is said`() throws {
    let (bench, statement) = try Self.filled()
    defer { bench.remove() }
    let whole = try bench.bytes()
    let size = 4096
    #expect(whole.count >= 6 * size && whole.count % size == 0)
    var refusals = 0
    for start in stride(from: 0, to: whole.count, by: size) {
      let page = whole[start..<start + size]
      let others = [
        Data(repeating: 0, count: size), Data(repeating: 0xFF, count: size),
        Data((0..<size).map { _ in UInt8.random(in: 0 ... .max) }), Data(page.reversed()),
        // Another page of the same ledger, and half of the page only.
        whole[(start + size) % whole.count..<(start + size) % whole.count + size],
        page.prefix(size / 2) + Data(count: size / 2),
      ]
      for other in others where other != page {
        var damaged = whole
        damaged.replaceSubrange(start..<start + size, with: other)
        try bench.write(damaged)
        do {
          let read = try bench.statement()
          #expect(read.head == statement.head && read.limits == statement.limits)
          #expect(read.publicKey == statement.publicKey)
        } catch is LedgerError {
          refusals += 1
          #expect(throws: LedgerError.self) { try bench.open() }
        }
        // Whatever was found, nothing was written over it.
        #expect(try bench.bytes() == damaged)
      }
    }
    #expect(refusals > whole.count / size * 4)
    try bench.write(whole)
    #expect(try bench.statement().head == statement.head)
  }

  @Test func `a truncated file is refused`() throws {
    let (bench, _) = try Self.filled()
    defer { bench.remove() }
    let whole = try bench.bytes()
    let lengths =
      [0, 1, 15, 16, 99, 100, 101, 511, whole.count - 1]
      + stride(from: 512, to: whole.count, by: 512)
    for length in lengths {
      try bench.write(whole.prefix(length))
      #expect(throws: LedgerError.self) { try bench.open() }
      #expect(throws: LedgerError.self) { try bench.statement() }
    }
  }
}
