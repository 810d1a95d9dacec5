import Foundation
import ModelFormats
import Testing

/// Record-level privacy from the first command to the last.
@Suite struct RecordPrivacyTests {
  private struct Training: Decodable {
    let unit: String
    let adjacency: String
    let epsilon: Double
    let delta: Double
    let steps: Int
    let records: String
    let composedEpsilon: Double
    let signer: String
    let isRepeated: Bool
  }

  private struct Fusion: Decodable {
    struct Party: Decodable {
      let model: String
      let unit: String
      let epsilon: Double
      let signer: String
    }

    let models: [String]
    let certified: [Party]
  }

  private struct Evaluation: Decodable {
    struct Model: Decodable {
      let accuracy: Double
    }

    let models: [Model]
  }

  /// Of 28 runs, each with other noise, the worst was at 0.857 and the standard deviation 0.016: 0.7
  /// is eleven of these below the mean of 0.886.
  @Test func `three parties train, fuse what is certified, and share one good model`() throws {
    try RecordWorkbench.with { parties in
      let bench = parties.bench
      for party in ["p1", "p2", "p3"] {
        let ledger = try parties.ledger(party + ".ledger")
        #expect(ledger.accounts.map(\.unit) == ["record"])
        #expect(ledger.accounts.map(\.epsilon) == [1])
        #expect(ledger.accounts.allSatisfy { $0.spent > 0.999 && $0.spent <= 1 })
        #expect(ledger.entries.map(\.name) == ["train \(party).onnx"])
        #expect(ledger.entries.allSatisfy { $0.completed })
      }
      let signers = try ["p1", "p2", "p3"].map { try parties.ledger($0 + ".ledger").keyFingerprint }
      #expect(Set(signers).count == 3)
      try Data(("# whom we know\n" + signers.joined(separator: "  # a party\n") + "\n").utf8)
        .write(to: bench.url("signers.txt"))
      let fused = try bench.run(
        parties.fusing() + ["--signers", "signers.txt", "--json"])
      #expect(fused.code == 0, "\(fused.words)")
      let report = try fused.decoded(Fusion.self)
      #expect(report.models == ["p1.onnx", "p2.onnx", "p3.onnx"])
      #expect(report.certified.map(\.signer) == signers)
      #expect(report.certified.allSatisfy { $0.unit == "record" && $0.epsilon <= 1 })
      let metadata = try ONNXModel(contentsOf: bench.folder + "fused.onnx").metadata
      #expect(metadata["privfusion.privacy_unit"] == "record")
      #expect(metadata["privfusion.record_certificate"] == nil)

      let evaluated = try bench.run(["evaluate", "fused.onnx", "--data", "test.npz", "--json"])
      #expect(evaluated.code == 0, "\(evaluated.words)")
      let accuracy = try #require(evaluated.decoded(Evaluation.self).models.first?.accuracy)
      #expect(accuracy > 0.7, "chance is 1/3; got \(accuracy)")
    }
  }

  @Test func `the same probe and seed give the same file, another seed another`() throws {
    try RecordWorkbench.with { parties in
      let bench = parties.bench
      for (seed, output) in [("0", "same.onnx"), ("1", "other.onnx")] {
        let run = try bench.run([
          "features", "--probe", "probe.npz", "--output", output, "--dimension", "24", "--seed",
          seed,
        ])
        #expect(run.code == 0, "\(run.words)")
      }
      #expect(try bench.bytes("same.onnx") == bench.bytes("trunk.onnx"))
      #expect(try bench.bytes("other.onnx") != bench.bytes("trunk.onnx"))
    }
  }

  @Test func `the same training again gives the same bytes and spends nothing`() throws {
    try RecordWorkbench.with { parties in
      let bench = parties.bench
      let before = try parties.ledger("p1.ledger")
      let bytes = try bench.bytes("p1.onnx")
      try FileManager.default.removeItem(at: bench.url("p1.onnx"))
      for _ in 0..<2 {
        let again = try bench.run(parties.training("p1") + ["--json"])
        #expect(again.code == 0, "\(again.words)")
        let result = try again.decoded(Training.self)
        #expect(result.isRepeated && result.unit == "record" && result.adjacency == "zeroOut")
        #expect(result.epsilon <= 1 && result.delta == 1e-5 && result.composedEpsilon <= 1)
        #expect(result.steps == 30 && result.records == "2048 to 4095")
        #expect(result.signer == before.keyFingerprint)
        #expect(try bench.bytes("p1.onnx") == bytes)
        #expect(try parties.ledger("p1.ledger") == before)
      }
      let words = try bench.run(parties.training("p1"))
      #expect(words.output.contains("the same bytes as before; nothing was spent"))
    }
  }

  @Test(arguments: [
    (["--output": "second.onnx"], "limit"), (["--data": "p2.npz"], "stands for another request"),
    (["--clip": "0.5"], "stands for another request"),
    (["--record-epsilon": "0.5"], "stands for another request"),
    (["--data": "p2.npz", "--output": "second.onnx"], "limit"),
    (["--record-epsilon": "0.1", "--output": "second.onnx"], "limit"),
  ])
  func `another training than what was paid for is refused`(
    changes: [String: String], word: String
  ) throws {
    try RecordWorkbench.with { parties in
      let bench = parties.bench
      let ledger = try parties.ledger("p1.ledger")
      let bytes = try bench.bytes("p1.onnx")
      let names = try bench.names()
      let run = try bench.run(parties.training("p1", replacing: changes))
      #expect(run.code == 64, "\(run.words)")
      #expect(run.words.contains(word) && run.output.isEmpty, "\(run.words)")
      #expect(try bench.names() == names)
      #expect(try bench.bytes("p1.onnx") == bytes)
      #expect(try parties.ledger("p1.ledger") == ledger)
    }
  }

  /// 3,000 records are certified as 2,048 or more, and only that many are told.
  @Test(arguments: [("4.9e-4", true), ("4.8e-4", false)])
  func `a delta that would give a record away is warned of`(
    delta: String, isWarned: Bool
  ) throws {
    try RecordWorkbench.with { parties in
      let run = try parties.bench.run(
        parties.training(
          "p1",
          replacing: ["--delta": delta, "--output": "new.onnx", "--ledger": "fresh.ledger"]))
      #expect(run.code == 0, "\(run.words)")
      #expect(run.words.contains("is not below one over the number of records") == isWarned)
      #expect(run.words.contains("2048 to 4095") == isWarned && !run.words.contains("3000"))
    }
  }

  @Test func `public sizes weigh heads, and are not told unless that was asked for`() throws {
    try RecordWorkbench.with { parties in
      let bench = parties.bench
      let refused = try bench.run(parties.fusing() + ["--weight-by-size"])
      #expect(refused.code == 65)
      #expect(refused.words.contains("p1.onnx") && refused.words.contains("--public-size"))
      #expect(try !bench.names().contains("fused.onnx"))
      for party in ["p1", "p2"] {
        let run = try bench.run(
          parties.training(
            party, replacing: ["--output": party + "-sized.onnx", "--ledger": party + "-2.ledger"])
            + ["--public-size", "--json"])
        #expect(run.code == 0, "\(run.words)")
        #expect(try run.decoded(Training.self).records == "3000")
      }
      let weighted = try bench.run(
        parties.fusing(["p1-sized.onnx", "p2-sized.onnx"], ["--weight-by-size"]))
      #expect(weighted.code == 0, "\(weighted.words)")
      let mixed = try bench.run(parties.fusing(["p1-sized.onnx", "p2.onnx"], ["--weight-by-size"]))
      #expect(mixed.code == 65 && mixed.words.contains("p2.onnx"))
    }
  }
}
