import Foundation
import LocalPrivacy
import LocalPrivacySQLite
import Testing

/// A child that is killed as it enters any of its writes, syncs and deletions, and one whose disk
/// fails there: what it handed out is spent and stored, and asked again it is the same.
@Suite(.enabled(if: TracedProbe.isAvailable, TracedProbe.absence))
struct LedgerFaultTests {
  /// What a ledger holds of one request after its process ended.
  enum State: Hashable {
    case untouched, unfinished, stored, handedOut
  }

  /// A ledger with one release in it, closed.
  static func template() throws -> Data {
    let bench = try LedgerBench()
    defer { bench.remove() }
    #expect(try TracedProbe.run(["create", bench.path]).code == 0)
    #expect(try TracedProbe.run(["release", bench.path, "earlier"]).code == 0)
    return try bench.bytes()
  }

  /// Ends a request on a copy of a ledger somehow, looks at what it left, and asks again.
  static func outcome(
    of verb: String, on template: Data, _ ending: ([String]) throws -> TracedProbe.Ending
  ) throws -> (state: State, ending: TracedProbe.Ending) {
    let bench = try LedgerBench()
    defer { bench.remove() }
    try bench.write(template)
    try bench.setMode(0o600)
    let ended = try ending([verb, bench.path, "now"])

    let entries = try bench.statement().entries
    #expect(entries.first?.name == "earlier" && entries.first?.isCompleted == true)
    let debits = entries.filter { $0.name == "now" }
    #expect(debits.count == entries.count - 1 && debits.count <= 1)
    let again = try TracedProbe.run([verb, bench.path, "now"])
    let later = try bench.statement().entries
    let state: State
    switch debits.first?.isCompleted {
    case nil:
      state = .untouched
      #expect(again.code == 0 && later.count == 2)
    case false?:
      state = .unfinished
      #expect(again.code == 1 && again.words.contains("pays it again"), "\(again.words)")
      #expect(again.handedOut.isEmpty && later.count == 2)
    case true?:
      state = ended.handedOut.isEmpty ? .stored : .handedOut
      #expect(again.code == 0 && later.count == 2)
    }
    if let (name, bytes) = ended.handedOut.first {
      #expect(name == "now" && bytes.count == (verb == "parts" ? 8750 : 8) && state == .handedOut)
      #expect(again.handedOut.first?.bytes == bytes)
    }
    // A journal that a killed process left is settled by now: the file alone says the same.
    let copy = try LedgerBench()
    defer { copy.remove() }
    try copy.write(bench.bytes())
    try copy.setMode(0o600)
    #expect(try copy.statement().head == bench.statement().head)
    return (state, ended)
  }

  /// How often an undisturbed child makes each call.
  static func counts(_ verb: String, _ template: Data) throws -> [String: Int] {
    let (state, ending) = try outcome(of: verb, on: template) { try TracedProbe.trace($0) }
    #expect(state == .handedOut && ending.code == 0)
    return ending.trace.reduce(into: [:]) { counts, line in
      if let call = TracedProbe.changes.first(where: { line.contains($0 + "(") }) {
        counts[call, default: 0] += 1
      }
    }
  }

  @Test(arguments: ["release", "grant", "parts"])
  func `wherever a process is killed, what it handed out is spent and stored`(verb: String) throws {
    let template = try Self.template()
    let counts = try Self.counts(verb, template)
    #expect(counts["pwrite64"] ?? 0 >= 20 && counts["fdatasync"] ?? 0 >= 8)
    #expect(counts["write"] == 1 && counts["unlink"] == 1)
    var states: Set<State> = []
    for (call, count) in counts {
      for number in 1...count {
        let (state, ending) = try Self.outcome(of: verb, on: template) {
          try TracedProbe.kill($0, before: call, number: number)
        }
        #expect(ending.wasKilled, "\(call) \(number)")
        states.insert(state)
      }
    }
    #expect(states == [.untouched, .unfinished, .stored, .handedOut])
  }

  @Test func `a process killed while it makes a ledger leaves none, half of one, or a whole one`()
    throws
  {
    var results: Set<String> = []
    for call in ["pwrite64", "fdatasync", "unlink"] {
      for number in 1... {
        let bench = try LedgerBench()
        defer { bench.remove() }
        let ending = try TracedProbe.kill(
          ["create", bench.path], before: call, number: number)
        do {
          let ledger = try bench.open()
          #expect(try ledger.statement().entries.isEmpty)
          try ledger.close()
          results.insert("whole")
        } catch LedgerError.notALedger(bench.path) {
          results.insert("half")
        }
        guard ending.wasKilled else { break }
      }
    }
    #expect(results == ["half", "whole"])
  }

  // A disk that stays full, and one write or sync that fails.
  @Test(arguments: zip(["ENOSPC", "EIO"], [true, false]))
  func `wherever the disk fails, the child says so, and nothing is lost`(
    error: String, forGood: Bool
  ) throws {
    let template = try Self.template()
    let counts = try Self.counts("release", template)
    var states: Set<State> = []
    for call in ["pwrite64", "fdatasync"] where call == "pwrite64" || error == "EIO" {
      for number in 1...(counts[call] ?? 0) {
        let (state, ending) = try Self.outcome(of: "release", on: template) {
          try TracedProbe.fail($0, call, error, from: number, forGood: forGood)
        }
        states.insert(state)
        // After the result was handed out, only closing can still fail; and SQLite goes on where
        // the folder can't be synced, or what it wrote is not needed any more.
        guard ending.code != 0 else {
          #expect(state == .handedOut)
          continue
        }
        #expect(ending.code == 1, "\(call) \(number): \(ending.words)")
        let words = error == "ENOSPC" ? "there is no room" : "could not be read or written"
        #expect(ending.words.contains(words), "\(call) \(number): \(ending.words)")
      }
    }
    #expect(states.isSuperset(of: [.untouched, .unfinished]))
  }

  @Test func `the debit is on the disk before the first noise, and the result before its output`()
    throws
  {
    let template = try Self.template()
    let (_, ending) = try Self.outcome(of: "release", on: template) {
      try TracedProbe.trace($0, calls: TracedProbe.changes + ["openat", "getrandom"])
    }
    let opening = try #require(ending.trace.firstIndex { $0.contains("party.ledger\", O_RDWR") })
    let trace = Array(ending.trace[opening...])
    // The key of the noise is four words of the system's generator; the nonce of an entry, which
    // its hash needs, is two, which another word may precede.
    let draws = trace.map { $0.contains("getrandom(") && $0.hasSuffix(", 8, 0) = 8") }
    let runs = trace.indices.filter { draws[$0] && ($0 == 0 || !draws[$0 - 1]) }
      .map { start in start..<(draws[start...].firstIndex(of: false) ?? draws.endIndex) }
    let noise = try #require(runs.first { $0.count >= 4 }).lowerBound
    #expect(runs.count(where: { $0.count >= 4 }) == 1)
    let output = try #require(trace.firstIndex { $0.contains("write(1<") })
    #expect(noise < output)
    for moment in [noise, output] {
      // Every file has been synced since it was last written.
      var unsynced: Set<Substring> = []
      var writes = 0
      for line in trace[..<moment] {
        guard let path = line.split(separator: "<").dropFirst().first?.prefix(while: { $0 != ">" })
        else { continue }
        if line.contains("write") {
          unsynced.insert(path)
          writes += path.hasSuffix("party.ledger") ? 1 : 0
        }
        if line.contains("sync(") { unsynced.remove(path) }
      }
      #expect(unsynced.isEmpty && writes > 0, "\(trace[..<moment].joined(separator: "\n"))")
    }
    // Between the two the result is written.
    #expect(trace[noise..<output].contains { $0.contains("party.ledger>") })
  }
}
