import Foundation
import Testing

/// A real child process that works on a ledger, watched or killed from outside by strace: nothing
/// in the code under test knows of it.
struct TracedProbe {
  /// The system calls that change a file or make a change last.
  static let changes = ["pwrite64", "write", "fdatasync", "fsync", "ftruncate", "unlink", "rename"]

  /// How a child ended, and what it had handed out by then.
  struct Ending {
    let wasKilled: Bool
    let code: Int32
    /// A name and the bytes that were printed under it, for each whole line.
    let handedOut: [(name: String, bytes: [UInt8])]
    /// Standard output.
    let output: String
    /// Standard error: words.
    let words: String
    /// What strace wrote, a line a call.
    let trace: [String]
  }

  /// Whether strace is there and may trace: some machines forbid it.
  static let isAvailable =
    (try? run("/usr/bin/env", ["strace", "-qq", "-e", "trace=none", "/bin/true"]).code) == 0

  static let absence: Comment =
    "strace is missing or may not trace here; `scripts/setup.sh --tests` installs it"

  /// The program beside the test program.
  static let program =
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "LedgerProbe").path

  /// Runs the probe to its end, and lists the given calls of its main thread, on which it works.
  static func trace(_ arguments: [String], calls: [String] = changes) throws -> Ending {
    try traced(arguments, ["-y", "-e", "trace=" + calls.joined(separator: ",")])
  }

  /// Runs the probe, and has the system kill it as it enters the N-th of the given calls.
  static func kill(_ arguments: [String], before call: String, number: Int) throws -> Ending {
    try traced(
      arguments,
      ["-e", "trace=\(call)", "-e", "inject=\(call):signal=SIGKILL:when=\(number)"])
  }

  /// Runs the probe, and has every given call fail from the N-th on, or that one alone.
  static func fail(
    _ arguments: [String], _ call: String, _ error: String, from number: Int, forGood: Bool
  ) throws -> Ending {
    try traced(
      arguments,
      [
        "-e", "trace=\(call)",
        "-e", "inject=\(call):error=\(error):when=\(number)\(forGood ? "+" : "")",
      ])
  }

  /// Runs the probe by itself.
  static func run(
    _ arguments: [String], during: (Process) throws -> Void = { _ in }
  ) throws -> Ending {
    try run(program, arguments, during: during)
  }

  /// Runs any program.
  static func run(program: String, _ arguments: [String]) throws -> Ending {
    try run(program, arguments)
  }

  private static func traced(_ arguments: [String], _ options: [String]) throws -> Ending {
    let log = temporary + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: log) }
    return try run(
      "/usr/bin/env",
      ["strace", "-qq", "-o", log] + options + [program] + arguments,
      log: log)
  }

  private static func run(
    _ program: String, _ arguments: [String], log: String? = nil,
    during: (Process) throws -> Void = { _ in }
  ) throws -> Ending {
    let folder = temporary + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try handle(folder + "/out")
    process.standardError = try handle(folder + "/err")
    try process.run()
    try during(process)
    process.waitUntilExit()
    let output = try String(contentsOfFile: folder + "/out", encoding: .utf8)
    let trace = try log.map { try String(contentsOfFile: $0, encoding: .utf8) } ?? ""
    return Ending(
      wasKilled: process.terminationReason == .uncaughtSignal
        && process.terminationStatus == SIGKILL,
      code: process.terminationStatus, handedOut: lines(output), output: output,
      words: try String(contentsOfFile: folder + "/err", encoding: .utf8),
      trace: trace.split(separator: "\n").map(String.init))
  }

  private static func lines(_ output: String) -> [(name: String, bytes: [UInt8])] {
    // What follows the last line end was not written whole.
    output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().compactMap { line in
      let parts = line.split(separator: " ")
      guard parts.count == 2 else { return nil }
      let digits = Array(parts[1].utf8)
      let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(decoding: digits[$0..<min($0 + 2, digits.count)], as: UTF8.self), radix: 16)
      }
      return (String(parts[0]), bytes)
    }
  }

  private static func handle(_ path: String) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  private static var temporary: String {
    FileManager.default.temporaryDirectory.path + "/privfusion-probe-"
  }
}
