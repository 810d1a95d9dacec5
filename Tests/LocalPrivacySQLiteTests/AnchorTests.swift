import Foundation
import LocalPrivacy
import LocalPrivacySQLite
import Testing

/// What was kept outside a ledger shows an older copy of it.
@Suite struct AnchorTests {
  /// The document with another value for a member, by its path.
  private static func altered(
    _ document: [UInt8], _ change: (inout [String: Any]) -> Void
  ) throws -> [UInt8] {
    var members = try #require(
      try JSONSerialization.jsonObject(with: Data(document)) as? [String: Any])
    change(&members)
    return Array(try JSONSerialization.data(withJSONObject: members))
  }

  @Test func `an anchor reads back as it was written, and the ledger goes on from it`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    let fresh = try ledger.anchor()
    try ledger.complete(ledger.debit("round 1"), with: [1])
    let later = try ledger.anchor()
    let document = try #require(try later.document())
    #expect(try LedgerAnchor(document: document) == later)
    #expect(later.position.chainLength == 2 && later.publicKey == ledger.signingKey.verificationKey)
    try ledger.debit("round 2")
    try ledger.close()
    for anchor in [fresh, later] {
      try DurableLedger.open(at: bench.path, continuingFrom: anchor).close()
    }
    #expect(try LedgerAnchor(ofLedgerAt: bench.path).position.chainLength == 3)
  }

  @Test func `an older copy, and one that was spent from, are refused and spend nothing`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    try ledger.debit("round 1")
    try ledger.close()
    let backup = try bench.bytes()
    let original = try bench.open()
    try original.debit("round 2")
    let anchor = try original.anchor()
    try original.close()

    try bench.write(backup)
    #expect(throws: LedgerError.olderCopy(bench.path, chainLength: 1, anchored: 2)) {
      try DurableLedger.open(at: bench.path, continuingFrom: anchor)
    }
    #expect(try bench.bytes() == backup)
    // Without the anchor nothing shows; the copy answers the same request, and stays another chain.
    let copy = try bench.open()
    try copy.debit("round 2")
    try copy.complete(EntryID(1), with: [1])
    try copy.close()
    #expect(throws: LedgerError.olderCopy(bench.path, chainLength: 3, anchored: 2)) {
      try DurableLedger.open(at: bench.path, continuingFrom: anchor)
    }
  }

  @Test func `the anchor of another ledger is refused`() throws {
    let (bench, other) = (try LedgerBench(), try LedgerBench())
    defer {
      bench.remove()
      other.remove()
    }
    try bench.create().close()
    let anchor = try other.create().anchor()
    #expect(throws: LedgerError.anotherLedger(bench.path)) {
      try DurableLedger.open(at: bench.path, continuingFrom: anchor)
    }
    // A receipt that names the right chain and a wrong key.
    let position = try bench.statement().position
    let key = SigningKey().verificationKey
    #expect(throws: LedgerError.anotherLedger(bench.path)) {
      try bench.statement().check(
        continuesFrom: LedgerAnchor(receipt: position, publicKey: key))
    }
    try bench.statement().check(continuesFrom: LedgerAnchor(receipt: position, publicKey: nil))
  }

  @Test func `a receipt serves as an anchor and is none`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    _ = try ledger.release(
      [0, 1, 2], through: SubsetSelection(categories: 5, epsilon: 0.5), as: "votes")
    let text = try ledger.receipt(for: .names(["votes"]), delta: 0).text
    let receipt = try LedgerAnchor(document: Array(text.utf8))
    #expect(receipt.source == .receipt && receipt.position.chainLength == 2)
    #expect(receipt.publicKey == ledger.signingKey.verificationKey)
    #expect(try receipt.document() == nil)
    try ledger.statement().check(continuesFrom: receipt)
    // With another head it is not what was signed.
    let altered = text.replacingOccurrences(
      of: receipt.position.head, with: String(repeating: "0", count: 64))
    #expect(throws: PrivacyError.receiptSignature) {
      try LedgerAnchor(document: Array(altered.utf8))
    }
  }

  @Test func `a document that only says where a ledger stood is no anchor`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let document = try #require(try bench.create().anchor().document())
    let unsigned = try Self.altered(document) {
      $0["format"] = nil
      $0["signature"] = nil
    }
    #expect(throws: LedgerError.self) { try LedgerAnchor(document: unsigned) }
  }

  @Test func `an anchor that was altered anywhere is refused`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    try ledger.debit("round 1")
    let anchor = try ledger.anchor()
    let document = try #require(try anchor.document())
    let genesis = anchor.position.genesis
    let changes: [(inout [String: Any]) -> Void] = [
      { $0["time"] = "2020-01-01T00:00:00Z" },
      { $0["ledger"] = ["genesis": genesis, "head": genesis, "chain_length": 0] },
      { members in
        let key = SigningKey().verificationKey.rawRepresentation
        members["public_key"] = key.map { String(format: "%02x", $0) }.joined()
      },
      { $0["signature"] = String(repeating: "0", count: 128) },
    ]
    for change in changes {
      let altered = try Self.altered(document, change)
      #expect(throws: LedgerError.anchorSignature) { try LedgerAnchor(document: altered) }
    }
    // No flipped bit gives another anchor.
    for index in document.indices {
      var flipped = document
      flipped[index] ^= 1 << UInt8(index % 7)
      guard let read = try? LedgerAnchor(document: flipped) else { continue }
      #expect(read == anchor)
    }
  }

  @Test func `what is no anchor is refused as that`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let document = try #require(try bench.create().anchor().document())
    let hash = String(repeating: "a", count: 64)
    var wrong: [[UInt8]] = [
      [], Array("x".utf8), Array("{}".utf8), Array("[1]".utf8), [0xFF, 0xFE],
    ]
    for ledger: [String: Any] in [
      [:], ["genesis": hash, "head": hash], ["genesis": hash, "head": hash, "chain_length": 1],
      ["genesis": hash, "head": hash, "chain_length": -1],
      ["genesis": hash.uppercased(), "head": hash.uppercased(), "chain_length": 0],
      ["genesis": "aa", "head": "aa", "chain_length": 0],
      ["genesis": hash, "head": hash, "chain_length": 1e300],
    ] {
      wrong.append(try Self.altered(document) { $0["ledger"] = ledger })
    }
    for member in ["public_key", "time", "signature", "ledger"] {
      wrong.append(try Self.altered(document) { $0[member] = nil })
      wrong.append(try Self.altered(document) { $0[member] = "x" })
    }
    for document in wrong + (0..<document.count - 2).map({ Array(document.prefix($0)) }) {
      let error = #expect(throws: LedgerError.self) { try LedgerAnchor(document: document) }
      guard case .anchorMalformed = error else {
        Issue.record("another error: \(String(describing: error))")
        continue
      }
    }
  }
}
