import Foundation
import LocalPrivacy
import LocalPrivacySQLite
import Testing

@Suite struct LedgerReceiptTests {
  @Test func `a receipt of values is about the bytes that were released`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    var released: [Released] = []
    for kind in NumericMechanism.Kind.allCases {
      released.append(
        try ledger.release(
          ValueReleaseTests.values(101), through: NumericMechanism(kind, epsilon: 1),
          as: kind.rawValue))
    }
    released.append(
      try ledger.release(
        [0, 1, 2], through: SubsetSelection(categories: 5, epsilon: 0.5), as: "votes"))
    try ledger.debit("round 1")
    let receipt = try ledger.receipt(for: .names(released.map(\.name)), delta: 1e-5)
    #expect(try receipt.verify() == ledger.signingKey.verificationKey)
    #expect(receipt.releases.map(\.entry) == [1, 3, 5, 7])
    #expect(receipt.releases.map(\.name) == released.map(\.name))
    for output in released {
      try receipt.checkReleased(output.packedBytes(), as: output.name)
      #expect(throws: PrivacyError.receiptBytes(output.name)) {
        try receipt.checkReleased(output.packedBytes() + [0], as: output.name)
      }
    }
    let statement = try ledger.statement()
    #expect(receipt.ledger.head == statement.head)
    #expect(receipt.ledger.chainLength == statement.chainLength)
    #expect(statement.continues(from: receipt.ledger.genesis))
    // The debit about records has no result, and is spent all the same.
    #expect(Set(receipt.ledgerComposed.map(\.unit)) == [.model, .record])
    #expect(try PrivacyReceipt(contents: Array(receipt.text.utf8)) == receipt)
    // Nothing was spent or written for it.
    #expect(try ledger.statement().head == statement.head)
    let single = try ledger.receipt(for: .entries([EntryID(3)]), delta: 0)
    #expect(single.releases.map(\.name) == ["piecewise"])
  }

  @Test func `a receipt of a release in parts names its integers and its clip`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    for _ in 0..<2 {
      _ = try ledger.release(
        count: 10, radius: ClippingRadius(2), through: NumericMechanism(.piecewise, epsilon: 1),
        as: "parts", from: { range in range.map { Float($0) / 10 } }, to: { _ in })
    }
    let receipt = try ledger.receipt(for: .names(["parts"]), delta: 0)
    #expect(try receipt.verify() == ledger.signingKey.verificationKey)
    #expect(receipt.text.contains("\"resolution\"") && !receipt.text.contains("\"none\""))
  }

  @Test func `a ledger with a limit for the model states what all votes lose`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try DurableLedger.create(
      at: bench.path, limits: LedgerLimits(records: nil, values: .model(epsilon: 4, delta: 0)))
    _ = try ledger.release(
      [0, 9], through: SubsetSelection(categories: 10, epsilon: 2), as: "votes")
    let receipt = try ledger.receipt(for: .names(["votes"]), delta: 0)
    #expect(try receipt.verify() == ledger.signingKey.verificationKey)
    #expect(receipt.releases[0].unit == .value && receipt.releases[0].epsilon <= 2)
    #expect(receipt.composed.map(\.unit) == [.model] && receipt.composed.map(\.delta) == [0])
    #expect(receipt.composed[0].epsilon > 3.99 && receipt.composed[0].epsilon <= 4)
    #expect(receipt.ledgerComposed == receipt.composed)
  }

  @Test func `a receipt about records is about the stored result`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    let entry = try ledger.debit("round 1")
    #expect(throws: LedgerError.nothingReleased("entry \(entry)")) {
      try ledger.receipt(for: .entries([entry]), delta: 0)
    }
    #expect(throws: LedgerError.nothingReleased("\"round 1\"")) {
      try ledger.receipt(for: .names(["round 1"]), delta: 0)
    }
    try ledger.complete(entry, with: [1, 2, 3, 4])
    _ = try ledger.release([0], through: RandomizedResponse(categories: 2, epsilon: 1), as: "v")
    let receipt = try ledger.receipt(for: .names(["round 1"]), delta: 0)
    try receipt.verify(expecting: ledger.signingKey.verificationKey)
    try receipt.checkReleased([1, 2, 3, 4], as: "round 1")
    #expect(receipt.releases[0].byteCount == 4 && receipt.releases[0].unit == .record)
    for subject in [
      ReceiptSubject.names(["round 1", "v"]), .names(["none"]), .entries([]),
      .entries([EntryID(9)]),
    ] {
      #expect(throws: (any Error).self) { try ledger.receipt(for: subject, delta: 0) }
    }
    #expect(throws: PrivacyError.deltaOutOfRange(1)) {
      try ledger.receipt(for: .names(["v"]), delta: 1)
    }
  }

  @Test func `a receipt is compared with its ledger, and shows an older copy`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    let response = try RandomizedResponse(categories: 2, epsilon: 1)
    _ = try ledger.release([0], through: response, as: "one")
    try ledger.close()
    let copy = try bench.bytes()
    let again = try bench.open()
    _ = try again.release([0], through: response, as: "two")
    let receipt = try again.receipt(for: .names(["one"]), delta: 0)
    _ = try again.release([0], through: response, as: "three")
    try again.close()
    try DurableLedger.check(receipt, withLedgerAt: bench.path)
    let read = try DurableLedger.receipt(for: .names(["one"]), ofLedgerAt: bench.path, delta: 0)
    #expect(read.releases == receipt.releases && read.publicKey == receipt.publicKey)

    try bench.write(copy)
    try bench.setMode(0o600)
    #expect(throws: LedgerError.self) {
      try DurableLedger.check(receipt, withLedgerAt: bench.path)
    }
    let grown = try bench.open()
    _ = try grown.release([0], through: response, as: "two")
    _ = try grown.release([0], through: response, as: "three")
    try grown.close()
    #expect(throws: LedgerError.self) {
      try DurableLedger.check(receipt, withLedgerAt: bench.path)
    }
    let other = try LedgerBench()
    defer { other.remove() }
    try other.create().close()
    #expect(throws: LedgerError.self) {
      try DurableLedger.check(receipt, withLedgerAt: other.path)
    }
  }

  @Test func `a receipt that says less of a ledger than its debits lose is refused`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    let response = try RandomizedResponse(categories: 2, epsilon: 1)
    for name in ["one", "two"] { _ = try ledger.release([0], through: response, as: name) }
    let honest = try ledger.receipt(for: .names(["one"]), delta: 1e-6)
    let key = ledger.signingKey
    // Later debits are no part of what the receipt said.
    _ = try ledger.release([0], through: response, as: "three")
    try ledger.close()
    try DurableLedger.check(honest, withLedgerAt: bench.path)
    let debits = honest.releases.compactMap { release -> Expenditure? in
      guard case .values(let expenditure) = release.loss else { return nil }
      return expenditure
    }
    let dishonest = try PrivacyReceipt(
      of: honest.releases, debits: debits, records: nil, delta: 1e-6, ledger: honest.ledger,
      signedBy: key)
    try dishonest.verify()
    #expect(throws: LedgerError.self) {
      try DurableLedger.check(dishonest, withLedgerAt: bench.path)
    }
  }

  @Test func `a ledger of before integers were recorded opens, repeats and prints receipts`() throws
  {
    let bench = try LedgerBench()
    defer { bench.remove() }
    try OldLedger.write(to: bench)
    let ledger = try bench.open()
    let head = try ledger.statement().head
    for debit in try ledger.statement().entries {
      if case .values(let expenditure) = debit.loss { #expect(expenditure.parameters == nil) }
    }
    // The same requests are known again and spend nothing.
    let weights = try ledger.release(
      ValueReleaseTests.values(10), through: NumericMechanism(.hybrid, epsilon: 1), as: "weights")
    let votes = try ledger.release(
      [0, 1, 2], through: RandomizedResponse(categories: 3, epsilon: 1), as: "votes")
    #expect(try ledger.answer("round 1") == .repeated([1, 2, 3, 4]))
    #expect(try ledger.statement().head == head)
    let receipt = try ledger.receipt(for: .names(["weights", "votes"]), delta: 1e-5)
    try receipt.verify(expecting: ledger.signingKey.verificationKey)
    try receipt.checkReleased(weights.packedBytes(), as: "weights")
    try receipt.checkReleased(votes.packedBytes(), as: "votes")
    // The weights were clipped, although the old debit did not record to what.
    #expect(receipt.text.contains("moved to them") && !receipt.text.contains("\"none\""))
    try ledger.receipt(for: .names(["round 1"]), delta: 0).verify()
    try ledger.close()
    try DurableLedger.check(receipt, withLedgerAt: bench.path)
  }
}
