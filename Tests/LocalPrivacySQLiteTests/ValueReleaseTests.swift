import GRDB
import LocalPrivacy
import LocalPrivacySQLite
import Testing

@Suite struct ValueReleaseTests {
  static func values(_ count: Int, shift: Float = 0) throws -> Clipped {
    try Clipped((0..<count).map { Float($0 % 7) / 7 - 0.4 + shift }, radius: 0.5)
  }

  @Test func `a release comes back as it was stored and spends nothing`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    var ledger = try bench.create()
    for kind in NumericMechanism.Kind.allCases {
      let mechanism = try NumericMechanism(kind, epsilon: 1)
      let first = try ledger.release(Self.values(1001), through: mechanism, as: kind.rawValue)
      let head = try ledger.statement().head
      try ledger.close()
      ledger = try bench.open()
      let again = try ledger.release(Self.values(1001), through: mechanism, as: kind.rawValue)
      #expect(again.outputs == first.outputs && again.encoding == first.encoding)
      #expect(again.name == kind.rawValue)
      #expect(try ledger.statement().head == head)
    }
    let response = try RandomizedResponse(categories: 5, epsilon: 1)
    let labels = (0..<100).map { $0 % 5 }
    let first = try ledger.release(labels, through: response, as: "votes")
    try ledger.close()
    ledger = try bench.open()
    #expect(try ledger.release(labels, through: response, as: "votes").outputs == first.outputs)
    let entries = try ledger.statement().entries
    #expect(entries.map(\.name) == ["duchi", "piecewise", "hybrid", "votes"])
    #expect(entries.allSatisfy { $0.isCompleted && $0.unit == .value })
  }

  @Test func `answers, bits of labels and integers come back as they were stored`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let response = try BinaryResponse(epsilon: 1)
    let unary = try UnaryEncoding(categories: 13, epsilon: 1)
    let laplace = try DiscreteLaplace(sensitivity: 100, epsilon: 1)
    let answers = (0..<333).map { $0 % 3 == 0 }
    let labels = (0..<101).map { $0 % 13 }
    let ages = ClippedIntegers((0..<77).map { $0 * 2 }, bounds: try IntegerBounds(0...100))
    func release(_ ledger: DurableLedger) throws -> [Released] {
      [
        try ledger.release(answers, through: response, as: "answers"),
        try ledger.release(labels, through: unary, as: "labels"),
        try ledger.release(ages, through: laplace, as: "ages"),
      ]
    }
    var ledger = try bench.create()
    let first = try release(ledger)
    let head = try ledger.statement().head
    try ledger.close()
    ledger = try bench.open()
    let again = try release(ledger)
    #expect(again.map(\.outputs) == first.map(\.outputs))
    #expect(again.map(\.encoding) == first.map(\.encoding))
    #expect(again.map(\.count) == [333, 101, 77])
    let statement = try ledger.statement()
    #expect(statement.head == head && statement.entries.allSatisfy(\.isCompleted))
    // Other data, another domain, or another mechanism under the names.
    let wider = try IntegerBounds(-1...99)
    for other in [
      { try ledger.release(answers.map { !$0 }, through: response, as: "answers") },
      { try ledger.release(labels.reversed(), through: unary, as: "labels") },
      {
        try ledger.release(
          labels, through: UnaryEncoding(categories: 14, epsilon: 1), as: "labels")
      },
      { try ledger.release(ClippedIntegers([1], bounds: wider), through: laplace, as: "ages") },
    ] as [() throws -> Released] {
      #expect(throws: LedgerError.self) { try other() }
    }
    #expect(try ledger.statement().head == head)
  }

  @Test func `other values under a name are refused`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    let mechanism = try NumericMechanism(.duchi, epsilon: 1)
    _ = try ledger.release(Self.values(10), through: mechanism, as: "weights")
    for other in [try Self.values(10, shift: 0.01), try Self.values(9)] {
      #expect(throws: LedgerError.nameTaken("weights")) {
        try ledger.release(other, through: mechanism, as: "weights")
      }
    }
    #expect(throws: LedgerError.nameTaken("weights")) {
      try ledger.release(
        Self.values(10), through: NumericMechanism(.duchi, epsilon: 0.5), as: "weights")
    }
    // The same multiples of another radius.
    let wider = try Clipped((0..<10).map { 2 * (Float($0 % 7) / 7 - 0.4) }, radius: 1)
    #expect(throws: LedgerError.nameTaken("weights")) {
      try ledger.release(wider, through: mechanism, as: "weights")
    }
    // A grant can't have the name of a release either.
    #expect(throws: LedgerError.nameTaken("weights")) { try ledger.debit("weights") }
    #expect(try ledger.statement().entries.count == 1)
  }

  @Test func `a release over the limit is refused and spends nothing`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try DurableLedger.create(
      at: bench.path,
      limits: LedgerLimits(records: nil, values: .model(epsilon: 10, delta: 0)))
    let mechanism = try NumericMechanism(.duchi, epsilon: 1)
    _ = try ledger.release(Self.values(8), through: mechanism, as: "weights")
    let head = try ledger.statement().head
    #expect(throws: PrivacyError.self) {
      try ledger.release(Self.values(3), through: mechanism, as: "bias")
    }
    #expect(throws: PrivacyError.labelOutOfRange(categories: 3)) {
      try ledger.release(
        [0, 3], through: RandomizedResponse(categories: 3, epsilon: 1), as: "votes")
    }
    #expect(try ledger.statement().head == head)
    try ledger.close()
    let reopened = try bench.open()
    _ = try reopened.release(Self.values(2), through: mechanism, as: "bias")
    let spent = try #require(try reopened.statement().spentOnValues)
    #expect(spent > 9.99 && spent <= 10)
  }

  @Test func `a limit for single values and one for records do not touch each other`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    _ = try ledger.release(
      Self.values(5000), through: NumericMechanism(.duchi, epsilon: 1), as: "weights")
    try ledger.debit("round 1")
    #expect(throws: PrivacyError.self) {
      try ledger.release(
        Self.values(1), through: NumericMechanism(.duchi, epsilon: 1.01), as: "bias")
    }
    let statement = try ledger.statement()
    #expect(statement.spentOnValues ?? 9 <= 1)
    #expect(statement.entries.map(\.unit) == [.value, .record])
  }

  @Test func `a ledger without a limit for values releases none`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try DurableLedger.create(
      at: bench.path,
      limits: LedgerLimits(records: RecordBudget(epsilon: 1, delta: 1e-5), values: nil))
    #expect(throws: LedgerError.noLimit(.value)) {
      try ledger.release(
        Self.values(1), through: NumericMechanism(.duchi, epsilon: 1), as: "weights")
    }
    #expect(try ledger.statement().entries.isEmpty)
  }

  @Test func `a result that can't be stored is not handed out and stays spent`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    let values = try Self.values(100_000)
    let mechanism = try NumericMechanism(.duchi, epsilon: 1)
    // SQLite's own limit stands in for the disk's: the debit fits, the result does not.
    try ledger.file.database.writeWithoutTransaction {
      _ = try Int.fetchOne($0, sql: "PRAGMA max_page_count = 1")
    }
    #expect(throws: LedgerError.diskFull(bench.path)) {
      try ledger.release(values, through: mechanism, as: "weights")
    }
    let entry = try #require(try ledger.statement().entries.first)
    #expect(!entry.isCompleted)
    try ledger.close()

    let reopened = try bench.open()
    #expect(throws: LedgerError.unfinished(name: "weights", entry: entry.id)) {
      try reopened.release(values, through: mechanism, as: "weights")
    }
    // It waits for no result from outside: only a mechanism's outputs become a release.
    #expect(throws: LedgerError.notReserved(entry.id)) {
      try reopened.complete(entry.id, with: [1])
    }
    _ = try reopened.release(values, through: mechanism, as: "weights", payingAgain: true)
    #expect(try reopened.statement().entries.map(\.isCompleted) == [false, true])
  }

  @Test func `a message is checked whole, and an interrupted part of it is not taken as paid`()
    throws
  {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let mechanism = try NumericMechanism(.duchi, epsilon: 1)
    let message = try ["weights", "votes"].map {
      try Expenditure(
        name: $0, count: 100_000, epsilon: mechanism.epsilon, unit: .value,
        mechanismName: ReleaseEncoding.numbers(mechanism, radius: ClippingRadius(0.5)).mechanismName
      )
    }
    // Enough for both parts once, and for one of them twice; not for three.
    let ledger = try DurableLedger.create(
      at: bench.path, limits: LedgerLimits(records: nil, values: .model(epsilon: 250_000, delta: 0))
    )
    try ledger.check(message, as: "the message", payingAgain: false)
    #expect(try !ledger.isStored(message))
    try ledger.file.database.writeWithoutTransaction {
      _ = try Int.fetchOne($0, sql: "PRAGMA max_page_count = 1")
    }
    #expect(throws: LedgerError.diskFull(bench.path)) {
      try ledger.release(Self.values(100_000), through: mechanism, as: "weights")
    }
    try ledger.close()
    let reopened = try bench.open()
    let entry = try #require(try reopened.statement().entries.first)
    #expect(throws: LedgerError.unfinished(name: "weights", entry: entry.id)) {
      try reopened.check(message, as: "the message", payingAgain: false)
    }
    #expect(throws: PrivacyError.self) {
      try reopened.check(message, as: "the message", payingAgain: true)
    }
    #expect(try reopened.statement().entries.count == 1)
    _ = try reopened.release(
      Self.values(100_000), through: mechanism, as: "weights", payingAgain: true)
    #expect(try reopened.isStored([message[0]]) && !reopened.isStored(message))
    try reopened.check([message[0]], as: "the message", payingAgain: false)
  }

  @Test func `tasks that ask for one name get the same outputs`() async throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    let mechanism = try NumericMechanism(.piecewise, epsilon: 1)
    let values = try Self.values(100)
    let outputs = try await withThrowingTaskGroup(of: [Int32].self) { group in
      for _ in 0..<16 {
        group.addTask { try ledger.release(values, through: mechanism, as: "weights").outputs }
      }
      return try await group.reduce(into: Set<[Int32]>()) { $0.insert($1) }
    }
    #expect(outputs.count == 1)
    #expect(try ledger.statement().entries.count == 1)
  }
}
