import Foundation
import ModelFormats
import Models
import Tensors
import Testing

/// `plan`, and what `fuse` does with a prediction.
@Suite struct PlanCommandTests {
  private struct Forecast: Decodable {
    let expected: Double
    let low: Double
    let high: Double
  }

  private struct Plan: Decodable {
    struct Option: Decodable {
      struct Signal: Decodable {
        let kind: String
        let numbers: Int
        let signalToNoise: Double
        let signalToNoiseFused: Double
      }
      let messages: String
      let numbers: Int
      let composedEpsilon: Double?
      let accuracy: Forecast
      let noise: Bool
      let signals: [Signal]
    }
    let unit: String
    let composedUnit: String
    let options: [Option]
    let chosen: String?
    let noise: Bool
  }

  private struct RecordPlan: Decodable {
    let unit: String
    let epsilon: Double
    let noiseMultiplier: Double
    let alone: Forecast
    let fused: Forecast
    let noise: Bool
  }

  private struct Fusion: Decodable {
    struct Epsilon: Decodable {
      let values: Int
      let composedTightest: Double
    }
    let messages: String?
    let predictedAccuracy: Forecast?
    let epsilon: Epsilon?
  }

  @Test func `a plan names units, signals and predictions, and chooses`() throws {
    try Workbench.with { bench in
      try bench.write(hidden: [8, 6], seed: 1, to: "net.onnx")
      let run = try bench.run([
        "plan", "net.onnx", "--parties", "5", "--probes", "200", "--epsilon", "4", "--unit",
        "value", "--json",
      ])
      #expect(run.code == 0, "\(run.words)")
      let plan = try run.decoded(Plan.self)
      #expect(plan.unit == "value" && plan.composedUnit == "model" && !plan.noise)
      #expect(
        plan.options.map(\.messages) == ["votes", "last-signature", "signatures", "everything"])
      #expect(plan.chosen == "votes")
      for option in plan.options {
        #expect((option.accuracy.low...option.accuracy.high).contains(option.accuracy.expected))
        #expect(option.signals.map(\.numbers).reduce(0, +) == option.numbers)
        #expect(
          option.signals.allSatisfy { abs($0.signalToNoiseFused - 5 * $0.signalToNoise) < 1e-9 })
      }
      let words = try bench.run([
        "plan", "net.onnx", "--parties", "5", "--probes", "200", "--epsilon", "4", "--unit",
        "value",
      ])
      #expect(words.output.contains("epsilon 4 per value") && words.output.contains("CHOSEN"))
    }
  }

  @Test func `noise ends with 65 and says so, for models and for records`() throws {
    try Workbench.with { bench in
      try bench.write(hidden: [8, 6], seed: 1, to: "net.onnx")
      let run = try bench.run([
        "plan", "net.onnx", "--parties", "2", "--probes", "200", "--epsilon", "0.5", "--unit",
        "model", "--delta", "1e-5", "--without-features", "--json",
      ])
      #expect(run.code == 65)
      #expect(run.words.contains("this fusion will be noise"), "\(run.words)")
      let plan = try run.decoded(Plan.self)
      #expect(plan.noise && plan.chosen == nil && plan.options.allSatisfy { $0.noise })
      #expect(plan.options.allSatisfy { $0.composedEpsilon.map { $0 <= 0.5 } ?? true })
      let heads = try bench.run([
        "plan", "--parties", "2", "--records", "3", "--epsilon", "0.1", "--unit", "record",
        "--delta", "1e-5", "--json",
      ])
      #expect(heads.code == 65)
      #expect(try heads.decoded(RecordPlan.self).noise)
    }
  }

  @Test func `records are predicted from their numbers`() throws {
    try Workbench.with { bench in
      let run = try bench.run([
        "plan", "--parties", "100", "--records", "580", "--epsilon", "1", "--unit", "record",
        "--delta", "1e-5", "--expected-accuracy", "0.91", "--json",
      ])
      #expect(run.code == 0, "\(run.words)")
      let plan = try run.decoded(RecordPlan.self)
      #expect(plan.unit == "record" && plan.epsilon <= 1)
      #expect(abs(plan.noiseMultiplier - 3.73063) < 1e-4)
      #expect(plan.fused.expected > plan.alone.expected + 0.1)
    }
  }

  static let refusals: [(String, [String], String)] = [
    ("no parties", ["--parties", "0"], "--parties must be above 0"),
    ("no loss", ["--epsilon", "0"], "0.001"),
    ("a negative loss", ["--epsilon", "-1"], "-1"),
    ("an infinite loss", ["--epsilon", "inf"], "inf"),
    ("no number", ["--epsilon", "nan"], "nan"),
    ("an accuracy above 1", ["--expected-accuracy", "70"], "0 to 1"),
    ("no probes", ["--probes", "1"], "--probes must be above 1"),
    ("records of a model", ["--records", "7"], "for unit record"),
    ("a delta of a value", ["--delta", "0.1"], "--delta goes with"),
  ]

  @Test(arguments: refusals)
  func `a wrong call is refused`(_: String, options: [String], words: String) throws {
    try Workbench.with { bench in
      try bench.write(hidden: [8], seed: 1, to: "net.onnx")
      // A later option replaces an earlier one.
      let run = try bench.run(
        [
          "plan", "net.onnx", "--parties", "2", "--probes", "9", "--epsilon", "1", "--unit",
          "value",
        ]
          + options)
      #expect(run.code == 64, "\(run.words)")
      #expect(run.words.contains(words), "\(run.words)")
      #expect(run.output.isEmpty)
    }
  }

  @Test func `fuse refuses noise and spends nothing, unless that is asked for`() throws {
    try Workbench.with { bench in
      let before = try bench.names()
      let run = try bench.fuse(["--epsilon", "0.002"])
      #expect(run.code == 65 && run.output.isEmpty)
      #expect(run.words.contains("this fusion will be noise"), "\(run.words)")
      #expect(try bench.names() == before)
      let plan = try bench.fuse(["--epsilon", "0.002", "--plan"])
      #expect(plan.code == 0 && plan.words.contains("this fusion will be noise"))
      #expect(try bench.names() == before)
      let insisting = try bench.fuse(["--epsilon", "0.002", "--even-if-noise", "--json"])
      #expect(insisting.code == 0, "\(insisting.words)")
      #expect(try insisting.decoded(Fusion.self).messages == "everything")
    }
  }

  @Test(arguments: ["last-signature", "signatures", "everything"])
  func `a set of messages is sent as it was planned`(messages: String) throws {
    try Workbench.with { bench in
      for (name, seed) in [("d1", 1), ("d2", 2)] {
        try bench.write(hidden: [8, 6], seed: UInt64(seed), to: "\(name).onnx")
      }
      let options = ["--probe", "probe.npz", "--output", "out.onnx", "--messages", messages]
      let value = try bench.run(
        ["fuse", "d1.onnx", "d2.onnx"] + options + ["--epsilon", "8", "--json", "--even-if-noise"])
      #expect(value.code == 0, "\(value.words)")
      let fusion = try value.decoded(Fusion.self)
      #expect(fusion.messages == messages && fusion.predictedAccuracy != nil)
      let model = try bench.run(
        ["fuse", "d1.onnx", "d2.onnx"] + options + [
          "--model-epsilon", "300", "--model-delta", "1e-5", "--json", "--even-if-noise",
        ])
      #expect(model.code == 0, "\(model.words)")
      let whole = try model.decoded(Fusion.self)
      #expect(whole.epsilon?.values == fusion.epsilon?.values)
      #expect((whole.epsilon?.composedTightest ?? .infinity) <= 300)
    }
  }
}
