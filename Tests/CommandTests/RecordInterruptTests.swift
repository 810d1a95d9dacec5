import Foundation
import Tensors
import Testing

/// `kill -9` in the middle of a training: what was debited stays spent.
@Suite struct RecordInterruptTests {
  /// Whether the debit of a training is committed: its name is in the file, and the journal that
  /// would take it out again is gone or empty.
  private func isDebited(_ bench: Workbench, _ ledger: String, name: String) -> Bool {
    guard let content = try? bench.bytes(ledger), content.range(of: Data(name.utf8)) != nil else {
      return false
    }
    let journal = (try? bench.bytes(ledger + "-journal")) ?? Data()
    return journal.prefix(8).allSatisfy { $0 == 0 }
  }

  /// The first debit takes epsilon 1 of the limit, and both together 1.5.
  @Test(arguments: [(limit: "1.2", mayPay: false), (limit: "2", mayPay: true)])
  func `a killed training stays spent, and is paid again only as the limit allows`(
    limit: String, mayPay: Bool
  ) throws {
    try RecordWorkbench.with { parties in
      let bench = parties.bench
      // Large enough for seconds of training: a hundred classes, of which three occur.
      let (x, y) = try parties.inputs(20_000, seed: 7)
      try bench.write(["x": x, "y": y], to: "large.npz")
      let made = try bench.run([
        "ledger", "create", "large.ledger", "--record-epsilon", limit, "--record-delta", "1e-5",
      ])
      #expect(made.code == 0, "\(made.words)")
      let training = parties.training("large", replacing: ["--classes": "100"])
      let killed = try bench.run(training) { process in
        while process.isRunning, !isDebited(bench, "large.ledger", name: "train large.onnx") {
          usleep(1000)
        }
        kill(process.processIdentifier, SIGKILL)
      }
      #expect(killed.code == 128 + SIGKILL, "\(killed.words)")
      #expect(try !bench.names().contains("large.onnx"))
      let after = try parties.ledger("large.ledger")
      #expect(after.entries.map(\.completed) == [false])
      #expect(after.accounts.allSatisfy { $0.spent > 0.999 && $0.spent <= 1 })

      let again = try bench.run(training)
      #expect(again.code == 64 && again.output.isEmpty)
      #expect(again.words.contains("was interrupted or still runs"), "\(again.words)")
      #expect(try parties.ledger("large.ledger") == after)

      let paid = try bench.run(training + ["--pay-again"])
      if mayPay {
        #expect(paid.code == 0, "\(paid.words)")
        let twice = try parties.ledger("large.ledger")
        #expect(twice.entries.map(\.completed) == [false, true])
        #expect(twice.accounts.allSatisfy { $0.spent > 1.2 && $0.spent <= 2 })
        // What is certified tells of both debits.
        #expect(paid.output.contains("spent in all"))
        let bytes = try bench.bytes("large.onnx")
        #expect(try bench.run(training).code == 0)
        #expect(try bench.bytes("large.onnx") == bytes)
        #expect(try parties.ledger("large.ledger") == twice)
      } else {
        #expect(paid.code == 64 && paid.words.contains("over the limit of 1.2"), "\(paid.words)")
        #expect(try parties.ledger("large.ledger") == after)
        #expect(try !bench.names().contains("large.onnx"))
      }
    }
  }
}
