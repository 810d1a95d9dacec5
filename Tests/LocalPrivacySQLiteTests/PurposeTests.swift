import Foundation
import LocalPrivacy
import LocalPrivacySQLite
import Testing

/// Limits of one purpose, and ledgers that know of none.
@Suite struct PurposeTests {
  static func value() throws -> Clipped { try Clipped([0.1, 0.2, -0.3], radius: 0.5) }

  @Test func `a purpose has its own limit within that of its unit`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let votes = try LedgerPurpose("votes")
    let limits = try LedgerLimits(
      records: RecordBudget(epsilon: 2.2, delta: 1e-5), values: .model(epsilon: 100, delta: 0),
      purposes: [votes: 4, .head: 1.5])
    let ledger = try DurableLedger.create(at: bench.path, limits: limits)
    let mechanism = try NumericMechanism(.duchi, epsilon: 1)
    _ = try ledger.release(Self.value(), through: mechanism, as: "a", for: votes)
    let head = try ledger.statement().head
    let over = #expect(throws: LedgerError.self) {
      try ledger.release(Self.value(), through: mechanism, as: "b", for: votes)
    }
    guard case .purposeExceeded(votes, "b", 4, let after) = over else {
      Issue.record("another error: \(String(describing: over))")
      return
    }
    #expect(after > 5.9 && after < 6.1)
    let message = try Expenditure(
      name: "b", count: 3, epsilon: 1, unit: .value, mechanismName: "duchi")
    #expect(throws: LedgerError.self) {
      try ledger.check([message], as: "m", for: votes, payingAgain: false)
    }
    try ledger.check([message], as: "m", for: .weights, payingAgain: false)
    #expect(try ledger.statement().head == head)
    // A repeat costs nothing for any purpose; another purpose, and none, have the unit's limit.
    _ = try ledger.release(Self.value(), through: mechanism, as: "a")
    _ = try ledger.release(Self.value(), through: mechanism, as: "b", for: .weights)
    _ = try ledger.release(Self.value(), through: mechanism, as: "c")

    let procedure = try LedgerBench.procedure()
    let delta = LedgerBench.delta
    _ = try ledger.grant(procedure, delta: delta, as: "h", fingerprint: [], for: .head)
    let second = #expect(throws: LedgerError.self) {
      _ = try ledger.grant(procedure, delta: delta, as: "i", fingerprint: [], for: .head)
    }
    #expect("\(String(describing: second))".contains("for head"))
    _ = try ledger.grant(procedure, delta: delta, as: "i", fingerprint: [], for: .network)
    try ledger.close()
    let statement = try bench.statement()
    #expect(statement.limits == limits)
    #expect(statement.entries.map(\.purpose) == [votes, .weights, nil, .head, .network])
    // Of the limit of 4 for votes one message, of that for heads one training; weights have none.
    let once = try Composition(ofModel: [
      Expenditure(
        name: "a", count: 3, epsilon: mechanism.epsilon, unit: .value,
        mechanismName: "duchi")
    ])
    #expect(try statement.spent(for: votes) == once.basic)
    var training = RecordLedger(limit: try RecordBudget(epsilon: 1.5, delta: 1e-5))
    _ = try training.debit(procedure, delta: delta, as: "h")
    #expect(try statement.spent(for: .head) == training.composed.epsilon)
    #expect(try statement.spent(for: .weights) == 0)
  }

  @Test(arguments: ["", "Votes", "a b", "ä", String(repeating: "a", count: 33), "a_b", "a\n"])
  func `a purpose is one plain word`(text: String) {
    #expect(throws: LedgerError.purpose(text)) { try LedgerPurpose(text) }
  }

  @Test(arguments: [0, -1, .infinity, .nan])
  func `a limit of a purpose is finite and above 0`(epsilon: Double) {
    #expect(throws: PrivacyError.self) {
      try LedgerLimits(records: nil, values: .value(epsilon: 1), purposes: [.head: epsilon])
    }
  }

  @Test func `a ledger of the first format is read, repeated from and spent from as it is`() throws
  {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let vector = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "Vectors/format-1.ledger")
    try bench.write(Data(contentsOf: vector))
    try bench.setMode(0o600)
    let before = try bench.statement()
    #expect(before.head == "6e9cab268565c4865ef784b36d6a006e7303efa798c5583c2af1f59f30409059")
    #expect(before.entries.map(\.name) == ["first", "second", "round"])
    let again = try TracedProbe.run(["release", bench.path, "first", "second"])
    #expect(again.output == "first 0bdc76f27ff695c7\nsecond 4dee8ae8f3d76dec\n", "\(again.words)")
    #expect(
      try TracedProbe.run(["grant", bench.path, "round"]).output == "round d9c56518a47d71e8\n")
    #expect(try bench.statement().head == before.head)

    let ledger = try bench.open()
    let mechanism = try NumericMechanism(.duchi, epsilon: 1)
    _ = try ledger.release(Self.value(), through: mechanism, as: "third", for: .weights)
    #expect(throws: LedgerError.noParts(bench.path)) {
      try StreamTests.stream(ledger, mechanism, as: "fourth")
    }
    try ledger.close()
    let after = try bench.statement()
    #expect(after.entries.count == 4 && after.entries.last?.purpose == nil)
    #expect(after.continues(from: before.head))
    try bench.edit("PRAGMA user_version = 2")
    #expect(throws: LedgerError.self) { try bench.open() }
  }
}
