import Foundation
import LocalPrivacy
import LocalPrivacySQLite
import Testing

/// `make stress`: children that are killed at random, on one ledger after another.
@Suite(.enabled(if: LedgerStress.kills > 0, "`make stress` runs it"))
struct LedgerStressTests {
  /// What a ledger has handed out, by name.
  private var handedOut: [String: [UInt8]] = [:]
  private var reached: [String: Int] = [:]

  @Test mutating func `however a process is killed, never is more released than spent`() throws {
    try #require(TracedProbe.isAvailable, TracedProbe.absence)
    var killed = 0
    while killed < LedgerStress.kills {
      let bench = try LedgerBench()
      defer { bench.remove() }
      handedOut = [:]
      #expect(try TracedProbe.run(["create", bench.path]).code == 0)
      // A new ledger now and then, so that verifying stays quick.
      for round in 0..<50 where killed < LedgerStress.kills {
        let verb = Bool.random() ? "release" : "grant"
        let names = (0..<Int.random(in: 1...4)).map { "\(verb)-\(round)-\($0)" }
        let ending = try kill([verb, bench.path] + names)
        killed += ending.wasKilled ? 1 : 0
        for (name, bytes) in ending.handedOut { handedOut[name] = bytes }
        try check(bench, names, after: ending)
      }
      try checkRepeats(bench)
    }
    let summary =
      "\(killed) kills: "
      + reached.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    if let path = ProcessInfo.processInfo.environment["LEDGER_SUMMARY"] {
      try Data((summary + "\n").utf8).write(to: URL(fileURLWithPath: path))
    }
  }

  /// Kills a child before a random one of its calls, or at a random time.
  private func kill(_ arguments: [String]) throws -> TracedProbe.Ending {
    // A request makes about 35 writes to files, 12 syncs and an output; closing makes a deletion.
    let requests = arguments.count - 2
    let calls = [
      ("pwrite64", 35 * requests), ("pwrite64", 35 * requests), ("pwrite64", 35 * requests),
      ("fdatasync", 12 * requests), ("fdatasync", 12 * requests), ("write", requests),
      ("unlink", 1),
    ]
    if Int.random(in: 0..<4) > 0, let (call, most) = calls.randomElement() {
      return try TracedProbe.kill(arguments, before: call, number: .random(in: 1...most))
    }
    return try TracedProbe.run(arguments) { process in
      usleep(UInt32.random(in: 5_000..<120_000))
      Foundation.kill(process.processIdentifier, SIGKILL)
    }
  }

  /// Everything that was handed out is a completed debit; all else of it comes to what is stored.
  private mutating func check(
    _ bench: LedgerBench, _ names: [String], after ending: TracedProbe.Ending
  ) throws {
    let entries = try bench.statement().entries
    let completed = Set(entries.filter(\.isCompleted).map(\.name))
    #expect(completed.isSuperset(of: handedOut.keys))
    let now = entries.filter { names.contains($0.name) }
    #expect(now.count <= names.count && now.count(where: { !$0.isCompleted }) <= 1)
    let state =
      if !ending.wasKilled {
        "ended by themselves"
      } else if now.contains(where: { !$0.isCompleted }) {
        "between debit and result"
      } else if now.count > ending.handedOut.count {
        "between result and output"
      } else {
        "outside any request"
      }
    reached[state, default: 0] += 1
  }

  /// Asked again, all that was handed out is the same, and nothing is spent.
  private func checkRepeats(_ bench: LedgerBench) throws {
    let before = try bench.statement().head
    for verb in ["release", "grant"] {
      let names = handedOut.keys.filter { $0.hasPrefix(verb) }.sorted()
      guard !names.isEmpty else { continue }
      let again = try TracedProbe.run([verb, bench.path] + names)
      #expect(again.code == 0, "\(again.words)")
      #expect(again.handedOut.map(\.bytes) == names.map { handedOut[$0] })
    }
    #expect(try bench.statement().head == before)
  }
}

/// What `make stress` asks for.
enum LedgerStress {
  static let kills = Int(ProcessInfo.processInfo.environment["LEDGER_KILLS"] ?? "") ?? 0
}
