import Foundation
import Models
import Tensors
import Testing

/// `fuse` on whether to fuse, from outside.
@Suite struct MergeTests {
  private struct Result: Decodable {
    struct Comparison: Decodable {
      struct Model: Decodable {
        let model: String
        let accuracy: Double
      }
      struct Recommendation: Decodable {
        let advice: String
        let model: String
        let reason: String
      }
      struct Interpolation: Decodable {
        let barrierBefore: Double
        let barrierAfter: Double
        let lossesAfter: [[Double]]
      }
      let reference: String
      let samples: Int
      let models: [Model]
      let recommendation: Recommendation
      let interpolation: Interpolation?
    }
    let comparison: Comparison?
    let selected: String?
  }

  private struct Scores: Decodable {
    struct Model: Decodable { let accuracy: Double }
    let models: [Model]
  }

  private func accuracies(_ bench: Workbench, _ names: [String]) throws -> [Double] {
    let run = try bench.run(["evaluate"] + names + ["--data", "data.npz", "--json"])
    try #require(run.code == 0, "\(run.words)")
    return try run.decoded(Scores.self).models.map(\.accuracy)
  }

  @Test func `held-out probes compare all models of a run without privacy`() throws {
    try Workbench.with { bench in
      let run = try bench.fuse(["--no-privacy", "--json"])
      try #require(run.code == 0, "\(run.words)")
      let comparison = try #require(run.decoded(Result.self).comparison)
      #expect(comparison.reference == "ensemble" && comparison.samples == 40)
      #expect(
        comparison.models.map(\.model) == ["fused", "average", "party 1", "party 2", "ensemble"])
      #expect(comparison.models.last?.accuracy == 1)
      let between = try #require(comparison.interpolation)
      #expect(between.lossesAfter.map(\.count) == [6, 6])
      #expect(between.barrierAfter >= 0 && between.barrierBefore >= 0)
      let words = try bench.fuse(["--no-privacy"]).output
      #expect(words.contains("Recommendation: ") && words.contains("Loss barrier between"))
    }
  }

  /// The labels are what one of the models sees, so that nothing is better than it.
  @Test func `select writes the parent that labels favour`() throws {
    try Workbench.with { bench in
      let run = try bench.fuse([
        "--no-privacy", "--compare-on", "data.npz", "--select", "--json",
      ])
      try #require(run.code == 0, "\(run.words)")
      let result = try run.decoded(Result.self)
      let comparison = try #require(result.comparison)
      #expect(comparison.reference == "labels" && comparison.samples == 60)
      #expect(comparison.recommendation.advice == "take-parent")
      #expect(result.selected == comparison.recommendation.model)
      #expect(try accuracies(bench, ["fused.onnx"]) == [1])
    }
  }

  /// The labels are what both models together see.
  @Test func `select writes the ensemble as one graph`() throws {
    try Workbench.with { bench in
      let x = try Tensor.normal([2000, 6], seed: 8)
      let probabilities = try ["a.onnx", "b.onnx"].map { name in
        try #require(ForwardPass(bench.model(name)).values(["x": x])["logits"]).softmax(axis: 1)
      }
      let y = try probabilities[0].adding(probabilities[1]).argmax(axis: 1)
      try bench.write(["x": x, "y": y], to: "data.npz")
      let run = try bench.fuse([
        "--no-privacy", "--compare-on", "data.npz", "--select", "--json",
      ])
      try #require(run.code == 0, "\(run.words)")
      #expect(try run.decoded(Result.self).selected == "ensemble")
      #expect(try accuracies(bench, ["fused.onnx"]) == [1])
    }
  }

  @Test func `a private run shows and writes nothing of a clean parent`() throws {
    try Workbench.with { bench in
      let flags = ["--epsilon", "8", "--even-if-noise", "--compare-on", "data.npz", "--select"]
      for more in [[], ["--show-parents"]] {
        let run = try bench.fuse(flags + more + ["--json"])
        try #require(run.code == 0, "\(run.words)")
        let result = try run.decoded(Result.self)
        let comparison = try #require(result.comparison)
        #expect(comparison.models.map(\.model) == ["fused"] && comparison.interpolation == nil)
        #expect(!run.output.contains("party") && !run.output.contains("barrier"))
        #expect(!run.output.contains("FOR THE OWNERS"))
        #expect(run.words.contains("FOR THE OWNERS OF THE MODELS ALONE") == !more.isEmpty)
        #expect(run.words.contains("party 1") == !more.isEmpty)
        // A parent would be right everywhere.
        #expect(try accuracies(bench, ["fused.onnx"])[0] < 1)
      }
    }
  }

  @Test func `a private run compares what was released by the released votes`() throws {
    try Workbench.with { bench in
      let run = try bench.fuse(["--epsilon", "8", "--even-if-noise", "--json"])
      try #require(run.code == 0, "\(run.words)")
      let comparison = try #require(run.decoded(Result.self).comparison)
      #expect(comparison.reference == "votes")
      #expect(comparison.models.map(\.model) == ["fused", "average"])
    }
  }

  @Test(arguments: [
    (["--no-comparison", "--select"], "--no-comparison leaves out"),
    (["--labels", "y.idx"], "--compare-on"), (["--normalization", "loud"], "--normalization"),
  ])
  func `flags that contradict each other are refused`(flags: [String], words: String) throws {
    try Workbench.with { bench in
      let run = try bench.fuse(["--no-privacy"] + flags)
      #expect(run.code == 64 && run.words.contains(words), "\(run.words)")
    }
  }

  @Test func `statistics are refused where there is no normalisation`() throws {
    try Workbench.with { bench in
      let run = try bench.fuse(["--no-privacy", "--normalization", "statistics"])
      #expect(run.code == 64 && run.words.contains("no batch normalisation"), "\(run.words)")
    }
  }

  @Test func `an average is normalised as asked, and the result says how`() throws {
    try Workbench.with { bench in
      for way in ["auto", "none", "repair", "data-free"] {
        let run = try bench.fuse([
          "--no-privacy", "--no-filter", "--normalization", way, "--no-comparison",
        ])
        try #require(run.code == 0, "\(way): \(run.words)")
        #expect(run.output.contains("normalization: ") == (way != "none"), "\(way)")
        #expect(!run.output.contains("Recommendation"))
      }
    }
  }

  @Test func `without a probe networks are fused by weights, or normalised by them too`() throws {
    try Workbench.with { bench in
      let fuse = ["fuse", "a.onnx", "b.onnx", "--output", "fused.onnx"]
      let bare = try bench.run(fuse + ["--no-privacy"])
      try #require(bare.code == 0, "\(bare.words)")
      let bytes = try bench.bytes("fused.onnx")
      try #require(try bench.run(fuse + ["--no-privacy", "--data-free"]).code == 0)
      #expect(try bytes == bench.bytes("fused.onnx"))
      let run = try bench.run(fuse + ["--no-privacy", "--normalization", "data-free"])
      try #require(run.code == 0, "\(run.words)")
      #expect(run.output.contains("matching: weights\n"))
      #expect(run.output.contains("normalization: data-free\n"))
      for more in [
        ["--epsilon", "4"], ["--no-privacy", "--matching", "joint"],
        ["--no-privacy", "--normalization", "repair"],
      ] {
        let refused = try bench.run(fuse + more)
        #expect(refused.code == 64 && refused.words.contains("--probe"), "\(refused.words)")
      }
    }
  }
}
