import Foundation
import Testing

/// `release` killed by the system as it flushes or renames a file that it hands out.
@Suite(.enabled(if: ReleaseFault.canTrace, "strace is missing or may not trace here"))
struct ReleaseFaultTests {
  @Test(arguments: ["fsync", "rename"])
  func `wherever it is killed, the release is whole or absent, and asked again the same`(
    call: String
  ) throws {
    try Workbench.with { bench in
      try bench.succeed(["ledger", "create", "new.ledger", "--value-epsilon", "20"])
      try bench.succeed(["ledger", "anchor", "new.ledger", "-o", "new.anchor"])
      let (ledger, anchor) = (try bench.bytes("new.ledger"), try bench.bytes("new.anchor"))
      var kills = 0
      for number in 1... {
        try bench.put(ledger, "a.ledger")
        try bench.put(anchor, "a.anchor")
        try? FileManager.default.removeItem(atPath: bench.folder + "a.signature")
        let arguments =
          bench.signatureArguments("a", ledger: "a.ledger") + ["--anchor", "a.anchor"]
        let run = try Tool.run(
          program: "/usr/bin/env",
          [
            "strace", "-qq", "-f", "-o", "/dev/null", "-e", "trace=" + call, "-e",
            "inject=\(call):signal=SIGKILL:when=\(number)", Tool.path,
          ] + arguments, in: bench.folder)
        guard run.code != 0 else {
          #expect(try bench.names().contains("a.signature"))
          break
        }
        #expect(run.code == 128 + SIGKILL, "\(run.words)")
        kills += 1
        let left = try? bench.bytes("a.signature")
        // The anchor is one of the two, whole, and the ledger continues from it.
        try bench.succeed(["ledger", "verify", "a.ledger", "--anchor", "a.anchor"])
        let spent = try bench.bytes("a.ledger")
        try bench.succeed(arguments)
        #expect(try bench.bytes("a.ledger") == spent)
        let again = try bench.bytes("a.signature")
        #expect(left == nil || left == again)
      }
      // The anchor's and the message's.
      #expect(kills >= 2)
    }
  }
}

/// Whether strace is there and may trace: some machines forbid it.
enum ReleaseFault {
  static let canTrace =
    (try? Tool.run(
      program: "/usr/bin/env", ["strace", "-qq", "-e", "trace=none", "/bin/true"], in: "/"
    ).code)
    == 0
}

extension Workbench {
  /// Puts a file that others may not read.
  fileprivate func put(_ bytes: Data, _ name: String) throws {
    try bytes.write(to: URL(fileURLWithPath: folder + name))
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: folder + name)
  }
}
