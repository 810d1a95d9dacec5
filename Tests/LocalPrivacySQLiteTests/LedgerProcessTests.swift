import Foundation
import LocalPrivacy
import LocalPrivacySQLite
import Testing

/// Other processes and sudden ends, with real children of the test program.
@Suite struct LedgerProcessTests {
  @Test func `a second process is refused at once, and goes on after the first`() async throws {
    let bench = try LedgerBench(sharedAs: "second")
    defer { bench.remove() }
    let ledger = try bench.create()
    await #expect(processExitsWith: .success) {
      let path = LedgerBench.parentsPath("second")
      #expect(throws: LedgerError.inUse(path)) { try DurableLedger.open(at: path) }
      #expect(throws: LedgerError.inUse(path)) { try LedgerStatement(ofLedgerAt: path) }
    }
    // It is still held, and still works.
    try ledger.debit("round 1")
    try ledger.close()
    await #expect(processExitsWith: .success) {
      let path = LedgerBench.parentsPath("second")
      try DurableLedger.open(at: path).debit("round 2")
    }
    #expect(try bench.open().statement().entries.map(\.name) == ["round 1", "round 2"])
  }

  @Test func `a process killed after a grant has spent it`() async throws {
    let bench = try LedgerBench(sharedAs: "grant")
    defer { bench.remove() }
    try bench.create().close()
    await #expect(processExitsWith: .signal(SIGKILL)) {
      let ledger = try DurableLedger.open(at: LedgerBench.parentsPath("grant"))
      try ledger.debit("round 1")
      kill(getpid(), SIGKILL)
    }
    let ledger = try bench.open()
    let entry = try #require(try ledger.statement().entries.first)
    #expect(!entry.isCompleted)
    #expect(throws: LedgerError.unfinished(name: "round 1", entry: entry.id)) {
      try ledger.debit("round 1")
    }
  }

  @Test func `a process killed after a result gives it again`() async throws {
    let bench = try LedgerBench(sharedAs: "result")
    defer { bench.remove() }
    try bench.create().close()
    await #expect(processExitsWith: .signal(SIGKILL)) {
      let ledger = try DurableLedger.open(at: LedgerBench.parentsPath("result"))
      try ledger.complete(ledger.debit("round 1"), with: [1, 2, 3])
      kill(getpid(), SIGKILL)
    }
    #expect(try bench.open().answer("round 1") == .repeated([1, 2, 3]))
  }

  @Test func `whenever a process is killed, what it handed out is spent and stored`() async throws {
    for round in 0..<12 {
      let bench = try LedgerBench(sharedAs: "killed")
      defer { bench.remove() }
      try Data("\(round)".utf8).write(to: URL(fileURLWithPath: bench.path + ".round"))
      try bench.create().close()
      await #expect(processExitsWith: .signal(SIGALRM)) {
        let path = LedgerBench.parentsPath("killed")
        let ledger = try DurableLedger.open(at: path)
        let mechanism = try NumericMechanism(.duchi, epsilon: 1)
        let log = Foundation.open(path + ".log", O_CREAT | O_WRONLY | O_APPEND, 0o600)
        let values = try Clipped((0..<64).map { Float($0) }, radius: 100)
        let text = try String(contentsOfFile: path + ".round", encoding: .utf8)
        let round = try #require(Int(text))
        // The signal's default is to end the process, at any point of what follows.
        signal(SIGALRM, SIG_DFL)
        for number in 0... {
          if number == round {
            var timer = itimerval()
            timer.it_value.tv_usec = 1 + 700 * round
            setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
          }
          let released = try ledger.release(values, through: mechanism, as: "\(number)")
          let bytes = released.packedBytes()
          #expect(write(log, bytes, bytes.count) == bytes.count)
        }
      }
      let log = (try? Data(contentsOf: URL(fileURLWithPath: bench.path + ".log"))) ?? Data()
      let ledger = try bench.open()
      let entries = try ledger.statement().entries
      let count = log.count / 8
      #expect(entries.filter(\.isCompleted).count - count <= 1)
      #expect(entries.count >= count && count >= round)
      let mechanism = try NumericMechanism(.duchi, epsilon: 1)
      let values = try Clipped((0..<64).map { Float($0) }, radius: 100)
      for number in 0..<count {
        let stored = try ledger.release(values, through: mechanism, as: "\(number)")
        #expect(stored.packedBytes() == Array(log[8 * number..<8 * number + 8]))
      }
      #expect(try ledger.statement().entries.count == entries.count)
    }
  }

  @Test func `a disk that fails in the middle spends nothing and loses nothing`() async throws {
    let bench = try LedgerBench(sharedAs: "limited")
    defer { bench.remove() }
    let ledger = try bench.create()
    try ledger.complete(ledger.debit("round 1"), with: [1])
    let before = try ledger.statement()
    try ledger.close()
    await #expect(processExitsWith: .success) {
      let path = LedgerBench.parentsPath("limited")
      // No file may grow beyond 2 kB: the journal can't be written whole.
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 2048, rlim_max: 2048)
      #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      #expect(throws: LedgerError.self) { try DurableLedger.open(at: path).debit("round 2") }
    }
    let reopened = try bench.open()
    #expect(try reopened.statement().head == before.head)
    try reopened.debit("round 2")
  }

  /// A file system of its own, of a given size, for one child: where the machine allows that.
  private static func onSmallDisk(kibibytes: Int, _ ledger: String) throws -> TracedProbe.Ending {
    let script = """
      mount -t tmpfs -o size=\(kibibytes)k tmpfs "$1/disk" || exit 99
      cp -p "$2" "$1/disk/party.ledger" || exit 98
      "$0" release "$1/disk/party.ledger" now
      code=$?
      cp -p "$1/disk/party.ledger" "$2" && exit $code
      """
    let folder = URL(fileURLWithPath: ledger).deletingLastPathComponent().path
    try FileManager.default.createDirectory(
      atPath: folder + "/disk", withIntermediateDirectories: true)
    return try TracedProbe.run(
      program: "/usr/bin/env",
      [
        "unshare", "--map-root-user", "--mount", "sh", "-c", script, TracedProbe.program, folder,
        ledger,
      ])
  }

  private static let mayMount =
    (try? TracedProbe.run(
      program: "/usr/bin/env",
      ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    ).code) == 0

  @Test(.enabled(if: mayMount, "this machine does not let the tests mount a file system"))
  func `on a disk of any size a release is refused, or whole`() throws {
    var refused = 0
    var done = 0
    for kibibytes in stride(from: 32, through: 256, by: 16) {
      let bench = try LedgerBench()
      defer { bench.remove() }
      try bench.create().close()
      let before = try bench.statement()
      let ending = try Self.onSmallDisk(kibibytes: kibibytes, bench.path)
      guard ending.code != 98 else { continue }
      let after = try bench.statement()
      #expect(after.continues(from: before.head))
      if ending.code == 0 {
        done += 1
        #expect(after.entries.map(\.isCompleted) == [true] && ending.handedOut.count == 1)
      } else {
        refused += 1
        #expect(ending.code == 1 && ending.words.contains("there is no room"), "\(ending.words)")
        #expect(after.entries.isEmpty && ending.handedOut.isEmpty)
      }
    }
    #expect(refused > 0 && done > 0)
  }
}
