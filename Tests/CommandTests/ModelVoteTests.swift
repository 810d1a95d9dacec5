import Foundation
import ModelFormats
import Models
import Tensors
import Testing

/// `fuse --model-epsilon`: votes whose unit is the whole model.
@Suite struct ModelVoteTests {
  private struct Plan: Decodable {
    let parties: Int
    let unit: String
    let epsilon: Double
    let composedEpsilon: Double
    let answersPerParty: Int
    let epsilonPerAnswer: Double
    let clusters: Int
    let probes: Int
    let classes: Int
    let mechanism: String
    let bytesSent: Int
    let predictedAccuracy: Double
    let predictedRange: [Double]
    let noise: Bool
    let warnings: [String]
  }

  private struct Result: Decodable {
    struct Votes: Decodable { let path: String }
    let output: String
    let sha256: String
    let models: [String]
    let privacy: Plan
    let votes: Votes
  }

  private struct Evaluation: Decodable {
    struct Model: Decodable { let accuracy: Double }
    let models: [Model]
  }

  private func fusing(_ models: [String], _ more: [String]) -> [String] {
    ["fuse"] + models
      + ["--probe", "probe.npz", "--trunk", "trunk.onnx", "--output", "student.onnx"] + more
  }

  /// Forty parties of a problem of three clouds, twelve times repeated: the heads of `RecordWorkbench`,
  /// which are right nine times in ten. At epsilon 12 each answers four probes at a loss of 3.
  @Test func `many parties' few answers make a model that says what it cost`() throws {
    try RecordWorkbench.with { parties in
      let models = (0..<40).map { "p\($0 % 3 + 1).onnx" }
      let run = try parties.bench.run(fusing(models, ["--model-epsilon", "12", "--json"]))
      #expect(run.code == 0, "\(run.words)")
      let result = try run.decoded(Result.self)
      #expect(result.output == "student.onnx" && result.models == models)
      #expect(
        try result.sha256
          == FileDigest(contentsOf: parties.bench.folder + "student.onnx").hexadecimal)
      let privacy = result.privacy
      #expect(privacy.unit == "model" && privacy.epsilon == 12)
      #expect(privacy.composedEpsilon <= 12 && privacy.composedEpsilon > 11.999)
      #expect(privacy.answersPerParty == 4 && privacy.parties == 40)
      #expect(abs(privacy.epsilonPerAnswer - 3) < 1e-6)
      #expect(privacy.mechanism == "3-ary randomized response" && privacy.bytesSent == 1)
      #expect(privacy.probes == 200 && privacy.classes == 3)
      #expect((0...1).contains(privacy.predictedAccuracy))
      let metadata = try ONNXModel(contentsOf: parties.bench.folder + "student.onnx").metadata
      #expect(metadata["privfusion.privacy_unit"] == "model")
      #expect(metadata["privfusion.epsilon"] == "\(privacy.composedEpsilon)")
      #expect(metadata["privfusion.answers_per_party"] == "4")
      #expect(metadata["privfusion.mechanism"] == privacy.mechanism)
      #expect(metadata["privfusion.parties"] == "40")
      // 160 answers, 91 % of them kept, about three clouds that lie apart.
      let scored = try parties.bench.run([
        "evaluate", "student.onnx", "--data", "test.npz", "--json",
      ])
      #expect(scored.code == 0, "\(scored.words)")
      #expect(try scored.decoded(Evaluation.self).models[0].accuracy > 0.7)
    }
  }

  @Test func `it says the unit, the loss and the prediction in words too`() throws {
    try RecordWorkbench.with { parties in
      let run = try parties.bench.run(
        fusing(
          ["p1.onnx", "p2.onnx", "p3.onnx"],
          ["--model-epsilon", "6", "--expected-accuracy", "0.95"]))
      #expect(run.code == 0, "\(run.words)")
      #expect(run.output.contains("epsilon 6 per model"))
      #expect(run.output.contains("predicted accuracy"))
      #expect(run.output.contains("no weights were sent"))
      #expect(run.words.contains("the parties' own models are expected to be better"))
    }
  }

  @Test func `a plan says what a run then does, and touches nothing`() throws {
    try RecordWorkbench.with { parties in
      let models = ["p1.onnx", "p2.onnx", "p3.onnx"]
      let guess = ["--model-epsilon", "8", "--expected-accuracy", "0.95"]
      let before = try parties.bench.names()
      let run = try parties.bench.run(fusing(models, guess + ["--plan", "--json"]))
      #expect(run.code == 0, "\(run.words)")
      #expect(try parties.bench.names() == before)
      let plan = try run.decoded(Plan.self)
      let fused = try parties.bench.run(fusing(models, guess + ["--json"]))
        .decoded(Result.self).privacy
      #expect(plan.composedEpsilon == fused.composedEpsilon)
      #expect(plan.answersPerParty == fused.answersPerParty && plan.clusters == fused.clusters)
      #expect(plan.predictedAccuracy == fused.predictedAccuracy)
      #expect(plan.warnings == fused.warnings && !plan.warnings.isEmpty)
      let words = try parties.bench.run(fusing(models, guess + ["--plan"]))
      #expect(words.output.hasPrefix("Nothing has been done. The plan:"))
    }
  }

  @Test func `votes that would be noise are refused, unless that is asked for`() throws {
    try RecordWorkbench.with { parties in
      let fusing = fusing(["p1.onnx", "p2.onnx"], ["--model-epsilon", "0.01"])
      let plan = try parties.bench.run(fusing + ["--plan", "--json"])
      #expect(plan.code == 0, "\(plan.words)")
      #expect(try plan.decoded(Plan.self).noise)
      #expect(plan.words.contains("this fusion will be noise"))
      let before = try parties.bench.names()
      let run = try parties.bench.run(fusing)
      #expect(run.code == 65 && run.output.isEmpty)
      #expect(run.words.contains("nothing was spent"), "\(run.words)")
      #expect(try parties.bench.names() == before)
      let insisting = try parties.bench.run(fusing + ["--even-if-noise"])
      #expect(insisting.code == 0, "\(insisting.words)")
    }
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let options: [String]
    let words: String
  }

  static let refusals = [
    Refusal(
      testDescription: "another privacy", options: ["--model-epsilon", "2", "--epsilon", "1"],
      words: "exclude each other"),
    Refusal(
      testDescription: "no privacy", options: ["--model-epsilon", "2", "--no-privacy"],
      words: "exclude each other"),
    Refusal(
      testDescription: "record-level privacy",
      options: ["--model-epsilon", "2", "--require-record-privacy"], words: "exclude each other"),
    Refusal(
      testDescription: "a student beside the student",
      options: ["--model-epsilon", "2", "--student", "s.onnx"], words: "no weights are sent"),
    Refusal(
      testDescription: "a loss of zero", options: ["--model-epsilon", "0"],
      words: "finite and above 0"),
    Refusal(
      testDescription: "a negative loss", options: ["--model-epsilon", "-1"],
      words: "finite and above 0"),
    Refusal(
      testDescription: "a loss too small for the samplers",
      options: ["--model-epsilon", "0.0001"], words: "at least 0.001"),
    Refusal(
      testDescription: "an accuracy above 1",
      options: ["--model-epsilon", "2", "--expected-accuracy", "70"], words: "0 to 1"),
  ]

  @Test(arguments: refusals)
  func `what does not go together is refused`(refusal: Refusal) throws {
    try RecordWorkbench.with { parties in
      let before = try parties.bench.names()
      let run = try parties.bench.run(fusing(["p1.onnx", "p2.onnx"], refusal.options))
      #expect(run.code == 64, "\(run.words)")
      #expect(run.words.contains(refusal.words), "\(run.words)")
      #expect(run.output.isEmpty)
      #expect(try parties.bench.names() == before)
    }
  }

  /// Votes that the plan chose are dealt out, and never asked of every probe at the loss of one question.
  @Test func `votes that a plan chose keep within the whole model's budget`() throws {
    try RecordWorkbench.with { parties in
      for seed in 1...3 {
        try parties.bench.write(hidden: [8, 6], seed: UInt64(seed), to: "n\(seed).onnx")
      }
      let budget = [
        "--model-epsilon", "12", "--model-delta", "1e-5", "--messages", "auto", "--json",
      ]
      let run = try parties.bench.run(
        fusing((0..<40).map { "n\($0 % 3 + 1).onnx" }, budget))
      #expect(run.code == 0, "\(run.words)")
      let privacy = try run.decoded(Result.self).privacy
      #expect(privacy.unit == "model" && privacy.composedEpsilon <= 12)
      #expect(privacy.answersPerParty < 20)
    }
  }

  /// Heads on one trunk are averaged as they are only where nobody asked for noise.
  @Test func `heads are not averaged as they are where a loss is given`() throws {
    try RecordWorkbench.with { parties in
      let run = try parties.bench.run(
        fusing(
          ["p1.onnx", "p2.onnx"],
          [
            "--model-epsilon", "500", "--model-delta", "1e-5", "--messages", "everything",
            "--even-if-noise", "--json",
          ]))
      struct Fusion: Decodable {
        struct Epsilon: Decodable { let composedTightest: Double }
        let epsilon: Epsilon
      }
      #expect(run.code == 0, "\(run.words)")
      #expect(try run.decoded(Fusion.self).epsilon.composedTightest <= 500)
    }
  }

  @Test func `without a trunk there is nothing to teach`() throws {
    try Workbench.with { bench in
      let run = try bench.fuse(["--model-epsilon", "2"])
      #expect(run.code == 64)
      #expect(run.words.contains("votes alone need --trunk"), "\(run.words)")
    }
  }

  @Test func `models of unlike architectures vote together, of unlike classes not`() throws {
    try RecordWorkbench.with { parties in
      try parties.bench.write(hidden: [5, 4], seed: 7, to: "deep.onnx")
      let together = try parties.bench.run(
        fusing(["p1.onnx", "deep.onnx"], ["--model-epsilon", "4"]))
      #expect(together.code == 0, "\(together.words)")
      let graph = try Architecture.mlp(inputs: 6, hidden: [8], classes: 4).untrained(seed: 1)
      try parties.bench.write(graph, to: "four.onnx")
      let run = try parties.bench.run(
        fusing(["p1.onnx", "four.onnx"], ["--model-epsilon", "4"]))
      #expect(run.code == 65)
      #expect(run.words.contains("four.onnx: tells 4 classes apart"), "\(run.words)")
    }
  }
}
