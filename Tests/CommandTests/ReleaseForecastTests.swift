import Foundation
import Testing

/// What a party hears of the fusion before it pays, from outside.
@Suite struct ReleaseForecastTests {
  private static func signature(_ party: String, epsilon: String) -> [String] {
    [
      "release", "signature", party + ".onnx", "--probe", "probe.npz", "--epsilon", epsilon,
      "--ledger", party + ".ledger", "--output", party + ".signature",
    ]
  }

  @Test func `a signature of a fusion that would be noise is refused and costs nothing`() throws {
    try Workbench.with { bench in
      let before = try bench.contents()
      let refused = try bench.run(Self.signature("a", epsilon: "0.01") + ["--parties", "2"])
      #expect(refused.code == 65 && refused.words.contains("will be noise"), "\(refused.words)")
      #expect(try bench.contents() == before)
      // A plan says so and refuses nothing.
      let planned = try bench.run(
        Self.signature("a", epsilon: "0.01") + ["--parties", "2", "--plan"])
      #expect(planned.code == 0 && planned.words.contains("will be noise"))
      #expect(try bench.contents() == before)
      let loud = try bench.run(
        Self.signature("a", epsilon: "0.01") + ["--parties", "2", "--even-if-noise"])
      #expect(loud.code == 0 && loud.words.contains("warning: this fusion will be noise"))
    }
  }

  @Test func `weights of a fusion that would be noise are refused and cost nothing`() throws {
    try Workbench.with { bench in
      for party in ["a", "b"] { try bench.succeed(Self.signature(party, epsilon: "0.01")) }
      let before = try bench.contents()
      let refused = try bench.run(bench.weightsArguments("a", ledger: "a.ledger"))
      #expect(refused.code == 65 && refused.words.contains("will be noise"), "\(refused.words)")
      #expect(try bench.contents() == before)
      let loud = try bench.run(
        bench.weightsArguments("a", ledger: "a.ledger") + ["--even-if-noise"])
      #expect(loud.code == 0 && loud.words.contains("warning: this fusion will be noise"))
    }
  }

  @Test func `a forecast that nobody asked for, or of nobody, is bad usage`() throws {
    try Workbench.with { bench in
      for flags in [
        ["--parties", "0"], ["--even-if-noise"], ["--parties", "2", "--expected-accuracy", "1.5"],
      ] {
        let run = try bench.run(Self.signature("a", epsilon: "20") + flags)
        #expect(run.code == 64, "\(flags): \(run.words)")
      }
    }
  }
}
