import Foundation
import Testing

/// `audit`, from outside. A claim is refuted by bad luck in fewer than 1e-10 runs of each attack; of
/// those over one run, as MembershipAuditTests state, in fewer than 1e-7 with honest noise.
@Suite struct AuditTests {
  private struct Report: Decodable {
    struct Finding: Decodable {
      let name: String
      let unit: String
      let epsilon: Double
      let delta: Double
      let lowerBound: Double
      let reach: Double
      let verdict: String
    }

    struct Reconstruction: Decodable {
      let name: String
      let values: Int
      let correlation: Double
      let theory: Double
      let least: Double
      let greatest: Double
      let verdict: String
    }

    let findings: [Finding]
    let reconstructions: [Reconstruction]
    let refuted: [String]
    let leftOut: [String]
  }

  private static let sure = ["--trials", "20000", "--confidence", "0.9999999999"]

  @Test func `the program's own releases hold what they claim`() throws {
    try Workbench.with { bench in
      try bench.write(hidden: [200], seed: 1, to: "c.onnx")
      let before = try bench.names()
      let run = try bench.run(
        [
          "audit", "--epsilon", "4", "--delta", "1e-5", "--model", "c.onnx", "--probe", "probe.npz",
          "--json",
        ] + Self.sure)
      #expect(run.code == 0, "\(run.words)")
      #expect(try bench.names() == before)
      let report = try run.decoded(Report.self)
      #expect(report.refuted.isEmpty)
      for finding in report.findings {
        #expect(finding.verdict == "not refuted", "\(finding)")
        #expect(finding.epsilon <= 4 && finding.lowerBound < finding.epsilon, "\(finding)")
        #expect(finding.lowerBound > 0.1 && finding.reach > 4, "\(finding)")
        #expect((finding.delta == 0) == (finding.unit == "value"), "\(finding)")
      }
      let names = report.findings.map(\.name)
      for part in [
        "duchi", "piecewise", "hybrid", "2-ary", "10-ary", "subsets", "durable ledger",
        "Gaussian sums", "one run", "private head",
      ] {
        #expect(names.contains { $0.contains(part) }, "\(names)")
      }
      for finding in report.reconstructions {
        #expect(finding.verdict == "not refuted", "\(finding)")
        #expect(finding.least < finding.theory && finding.theory < finding.greatest)
      }
      let reconstructed = Set(report.reconstructions.map(\.name))
      #expect(
        reconstructed.isSuperset(of: ["Gaussian weights", "fc1.weight", "signature of layer 0"]),
        "\(reconstructed)")
      #expect(report.leftOut.contains("fc1.bias"))
    }
  }

  @Test func `the table says what was left out, and that no attack is a proof`() throws {
    try withTemporaryFolder { folder in
      let run = try Tool.run(["audit", "--epsilon", "20"] + Self.sure, in: folder)
      #expect(run.code == 0, "\(run.words)")
      #expect(run.output.contains("No claim is refuted. That is no proof"))
      #expect(run.output.contains("could not have been refuted: duchi"))
      #expect(run.output.contains("beyond reach") && !run.output.contains("Gaussian sums"))
      #expect(run.words.contains("give their --delta"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test func `wrong calls are refused before anything is attacked`() throws {
    try Workbench.with { bench in
      for (arguments, code, words) in [
        ([], 64, "--epsilon"),
        (["--epsilon", "0"], 64, "at least 0.001"),
        (["--epsilon", "-1"], 64, "at least 0.001"),
        (["--epsilon", "nan"], 64, "at least 0.001"),
        (["--epsilon", "1", "--delta", "0"], 64, "delta"),
        (["--epsilon", "1", "--delta", "-1"], 64, "delta"),
        (["--epsilon", "1", "--trials", "999"], 64, "1000 to 20000000 trials, got 999"),
        (["--epsilon", "1", "--trials", "-1"], 64, "trials"),
        (["--epsilon", "1", "--confidence", "1"], 64, "below 1"),
        (["--epsilon", "1", "--confidence", "0.4"], 64, "at least 0.5"),
        (["--epsilon", "1", "--model", "a.onnx"], 64, "go together"),
        (["--epsilon", "1", "--model", "no.onnx", "--probe", "probe.npz"], 66, "no.onnx"),
        (["--epsilon", "1", "--model", "a.onnx", "--probe", "data.onnx"], 66, "data.onnx"),
      ] as [([String], Int32, String)] {
        let run = try bench.run(["audit"] + arguments)
        #expect(run.code == code, "\(arguments): \(run.words)")
        #expect(run.words.contains(words) && run.output.isEmpty, "\(arguments): \(run.words)")
      }
    }
  }

  @Test func `an interrupted audit leaves no ledger behind`() throws {
    try withTemporaryFolder { folder in
      var wasThere = false
      let run = try Tool.run(
        program: Tool.path, ["audit", "--epsilon", "1", "--trials", "5000000"],
        environment: ["TMPDIR": folder], in: folder
      ) { process in
        while process.isRunning, !wasThere {
          wasThere = try !FileManager.default.contentsOfDirectory(atPath: folder).isEmpty
          if !wasThere { usleep(5000) }
        }
        process.interrupt()
      }
      #expect(wasThere && run.code == 130, "\(run.words)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }
}
