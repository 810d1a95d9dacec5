import Foundation
import LocalPrivacy
import LocalPrivacySQLite
import Testing

/// Releases in parts: the same as whole ones, in memory that does not grow.
@Suite struct StreamTests {
  static let count = 2 * (1 << 16) + 4321
  static let radius = 0.5

  static func value(_ index: Int) -> Float { Float(index % 7) / 7 - 0.4 }

  static func stream(
    _ ledger: DurableLedger, _ mechanism: NumericMechanism, as name: String = "weights",
    payingAgain: Bool = false, from source: (Range<Int>) throws -> [Float] = { $0.map(value) }
  ) throws -> (statement: PackedRelease.Statement, bytes: [UInt8]) {
    var bytes: [UInt8] = []
    let statement = try ledger.release(
      count: count, radius: ClippingRadius(radius), through: mechanism, as: name,
      payingAgain: payingAgain, from: source, to: { bytes += $0 })
    return (statement, bytes)
  }

  @Test(arguments: NumericMechanism.Kind.allCases)
  func `parts are packed as the whole is, and each repeats the other`(
    kind: NumericMechanism.Kind
  ) throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    let mechanism = try NumericMechanism(kind, epsilon: 1)
    let values = try Clipped((0..<Self.count).map(Self.value), radius: Self.radius)
    let (statement, bytes) = try Self.stream(ledger, mechanism)
    let head = try ledger.statement().head
    #expect(statement.count == Self.count && statement.byteCount == bytes.count)
    // Packed once more from the outputs that were read out of the parts.
    let whole = try ledger.release(values, through: mechanism, as: "weights")
    #expect(whole.count == Self.count && whole.packedBytes() == bytes)
    #expect(try Self.stream(ledger, mechanism).bytes == bytes)
    #expect(try ledger.statement().head == head)

    let other = try ledger.release(values, through: mechanism, as: "whole")
    #expect(PackedRelease(other).statement.bits == statement.bits)
    #expect(try Self.stream(ledger, mechanism, as: "whole").bytes == other.packedBytes())
    try ledger.close()
    #expect(try bench.open().statement().entries.map(\.isCompleted) == [true, true])
  }

  @Test func `other values under a name are refused, wherever they differ`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    let mechanism = try NumericMechanism(.duchi, epsilon: 1)
    _ = try Self.stream(ledger, mechanism)
    let head = try ledger.statement().head
    for place in [0, (1 << 16) - 1, 1 << 16, Self.count - 1] {
      #expect(throws: LedgerError.nameTaken("weights")) {
        try Self.stream(ledger, mechanism) { $0.map { Self.value($0) + ($0 == place ? 0.1 : 0) } }
      }
    }
    #expect(try ledger.statement().head == head)
  }

  @Test func `a source that changes between its readings is paid and gives nothing`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    let mechanism = try NumericMechanism(.duchi, epsilon: 1)
    var readings = 0
    #expect(throws: PrivacyError.sourceChanged(name: "weights")) {
      try Self.stream(ledger, mechanism) { range in
        readings += range.lowerBound == 0 ? 1 : 0
        return range.map { Self.value($0) + ($0 == Self.count - 1 ? Float(readings) / 10 : 0) }
      }
    }
    #expect(readings == 2)
    let entry = try #require(try ledger.statement().entries.first)
    #expect(!entry.isCompleted)
    // A source that fails, or gives too few, while it is first read: nothing is spent.
    #expect(throws: PrivacyError.sourceChanged(name: "more")) {
      try Self.stream(ledger, mechanism, as: "more") { $0.dropLast().map(Self.value) }
    }
    #expect(throws: CocoaError.self) {
      try Self.stream(ledger, mechanism, as: "more") { _ in throw CocoaError(.fileReadUnknown) }
    }
    #expect(try ledger.statement().entries.count == 1)
    // An interrupted one is like any other.
    #expect(throws: LedgerError.nameTaken("weights")) { try Self.stream(ledger, mechanism) }
  }

  @Test func `a sink that fails loses nothing`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    let ledger = try bench.create()
    let mechanism = try NumericMechanism(.piecewise, epsilon: 1)
    var first: [UInt8] = []
    #expect(throws: CocoaError.self) {
      try ledger.release(
        count: Self.count, radius: ClippingRadius(Self.radius), through: mechanism, as: "weights",
        from: { $0.map(Self.value) },
        to: { part in
          guard first.isEmpty else { throw CocoaError(.fileWriteUnknown) }
          first = part
        })
    }
    let again = try Self.stream(ledger, mechanism).bytes
    #expect(!first.isEmpty && Array(again.prefix(first.count)) == first)
    #expect(try ledger.statement().entries.count == 1)
  }

  @Test func `memory does not grow with the number of values`() throws {
    let bench = try LedgerBench()
    defer { bench.remove() }
    #expect(try TracedProbe.run(["create", bench.path]).code == 0)
    var memory: [Int] = []
    for count in [100_000, 10_000_000] {
      let ending = try TracedProbe.run(["stream", bench.path, "\(count)"])
      #expect(ending.code == 0, "\(ending.words)")
      let line = try #require(ending.output.split(separator: " ").last)
      memory.append(try #require(Int(line.filter(\.isNumber))))
    }
    // The outputs alone take 20 MiB, and the values 40; what differs is how full caches are.
    #expect(memory[0] > 1000 && memory[1] < memory[0] + 8 * 1024, "\(memory) KiB")
  }
}
