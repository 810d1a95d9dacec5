import Foundation
import ModelFormats
import Models
import Tensors
import Testing

/// What commands say to machines.
@Suite struct ReportTests {
  private struct Inspection: Decodable {
    struct Group: Decodable {
      let size: Int
      let axes: [String]
      let proved: Bool
    }
    struct SelfCheck: Decodable { let maxRelativeDifference: Double }
    let parameters: Int
    let permutableParameters: Int
    let groups: [Group]
    let selfCheck: SelfCheck
  }

  @Test func `inspect tells parameters, groups and the self-check`() throws {
    try Workbench.with { bench in
      let run = try bench.run(["inspect", "a.onnx", "--json"])
      #expect(run.code == 0, "\(run.words)")
      let report = try run.decoded(Inspection.self)
      #expect(report.parameters == 6 * 8 + 8 + 8 * 3 + 3)
      #expect(report.permutableParameters == 6 * 8 + 8 + 8 * 3)
      #expect(report.groups.count == 1)
      #expect(report.groups.first?.size == 8)
      #expect(report.groups.first?.axes == ["fc1.weight[0]", "fc1.bias[0]", "fc2.weight[1]"])
      #expect(report.groups.first?.proved == true)
      #expect(report.selfCheck.maxRelativeDifference < 1e-9)
    }
  }

  private struct Evaluation: Decodable {
    struct Model: Decodable {
      let file: String
      let accuracy: Double
      let crossEntropy: Double
      let calibrationError: Double
      let confusion: [[Int]]
    }
    let models: [Model]
    let ensemble: Model
  }

  @Test func `evaluate scores each model and their ensemble`() throws {
    try Workbench.with { bench in
      let run = try bench.run(["evaluate", "a.onnx", "b.onnx", "--data", "data.npz", "--json"])
      #expect(run.code == 0, "\(run.words)")
      let report = try run.decoded(Evaluation.self)
      #expect(report.models.map(\.file) == ["a.onnx", "b.onnx"])
      // The labels are what the first model says.
      #expect(report.models[0].accuracy == 1)
      #expect(report.models[1].accuracy < 1)
      for score in report.models + [report.ensemble] {
        #expect((0...1).contains(score.accuracy))
        #expect(score.crossEntropy > 0 && score.crossEntropy.isFinite)
        #expect((0...1).contains(score.calibrationError))
        #expect(score.confusion.joined().reduce(0, +) == 60)
      }
    }
  }

  @Test func `inspect runs on shapes and inputs that it is given, and refuses others`() throws {
    try Workbench.with { bench in
      let input = try ONNXModel(contentsOf: bench.folder + "a.onnx").graph.inputs[0]
      let sizes = [3] + input.shape.dropFirst().map { $0 ?? 4 }
      let words = sizes.map(String.init).joined(separator: ",")
      try bench.write([input.name: .zeros(sizes)], to: "inputs.npz")
      for arguments in [["--shape", "\(input.name)=\(words)"], ["--inputs", "inputs.npz"]] {
        let run = try bench.run(["inspect", "a.onnx"] + arguments)
        #expect(run.code == 0, "\(run.words)")
        #expect(run.output.contains("8 units, proved"))
      }
      for (arguments, words) in [
        (["--shape", "nothing=2"], "has no input 'nothing'"),
        (["--shape", "\(input.name)=1,2,3,4,5"], "must have the shape"),
        (["--inputs", "probe.npz", "--shape", "\(input.name)=\(words)"], "give one of"),
        (["--shape", "\(input.name)=0"], "invalid"), (["--shape", "=1"], "invalid"),
        (["--shape", "\(input.name)=1,99999999999"], "invalid"),
      ] {
        let run = try bench.run(["inspect", "a.onnx"] + arguments)
        #expect(run.code != 0)
        #expect(run.words.contains(words), "\(run.words)")
        #expect(run.output.isEmpty)
      }
    }
  }

  @Test func `evaluate and inspect print tables for people`() throws {
    try Workbench.with { bench in
      let inspected = try bench.run(["inspect", "a.onnx"])
      #expect(inspected.code == 0)
      #expect(inspected.output.contains("8 units, proved"))
      let evaluated = try bench.run(["evaluate", "a.onnx", "--data", "data.npz"])
      #expect(evaluated.code == 0)
      #expect(evaluated.output.contains("100.0 %"))
    }
  }

  struct Fusion: Decodable {
    struct Epsilon: Decodable {
      let unit: String
      let perValue: Double
      let composedUnit: String
      let composedBasic: Double
      let composedZcdp: Double
      let delta: Double
    }
    let output: String
    let sha256: String
    let epsilon: Epsilon?
    let bytesSent: [Int]
    let path: Path?
    let seconds: [String: Double]

    struct Path: Decodable {
      struct Score: Decodable {
        let logLikelihood: Double
        let agreement: Double
      }
      let chosen: String
      let heldOutProbes: Int
      let average: Score
      let filter: Score
      let adapter: Score?
    }
  }

  @Test func `fuse tells the output, its digest, its loss and its times`() throws {
    try Workbench.with { bench in
      let run = try bench.fuse(["--epsilon", "2", "--json"])
      #expect(run.code == 0, "\(run.words)")
      let report = try run.decoded(Fusion.self)
      #expect(report.output == "fused.onnx")
      #expect(
        try report.sha256 == FileDigest(contentsOf: bench.folder + "fused.onnx").hexadecimal)
      let epsilon = try #require(report.epsilon)
      #expect(epsilon.unit == "value" && epsilon.composedUnit == "model")
      #expect(abs(epsilon.perValue - 2) < 1e-5)
      // Scales of 2 weights, 40 signatures of 8 units, 40 votes, 83 parameters.
      let count = Double(2 + 40 * 8 + 40 + 83)
      #expect(abs(epsilon.composedBasic - 2 * count) < 1e-5 * count)
      #expect(epsilon.composedZcdp > 0 && epsilon.delta == 1e-5)
      #expect(report.bytesSent.count == 2 && report.bytesSent.allSatisfy { $0 > 0 })
      let path = try #require(report.path)
      #expect(path.heldOutProbes == 40)
      for score in [path.average, path.filter, try #require(path.adapter)] {
        #expect(score.logLikelihood < 0 && (0...1).contains(score.agreement))
      }
      var phases: Set = ["prepare", "release", "match", "release_weights", "decode", "choose"]
      if path.chosen != "average" { phases.insert("filter") }
      if path.chosen == "adapter" { phases.insert("adapt") }
      #expect(Set(report.seconds.keys) == phases)
    }
  }

  @Test func `a plan says what a run then does, and writes nothing`() throws {
    struct Plan: Decodable {
      let epsilon: Fusion.Epsilon
      let bytesSent: Int
      let memoryBytes: Int
    }
    try Workbench.with { bench in
      let before = try bench.names()
      let run = try bench.fuse(["--epsilon", "2", "--plan", "--json"])
      #expect(run.code == 0, "\(run.words)")
      let plan = try run.decoded(Plan.self)
      #expect(try bench.names() == before)
      let fused = try bench.fuse(["--epsilon", "2", "--json"]).decoded(Fusion.self)
      #expect(fused.epsilon?.composedBasic == plan.epsilon.composedBasic)
      #expect(fused.bytesSent == [plan.bytesSent, plan.bytesSent])
      #expect(plan.memoryBytes > 0)
    }
  }

  @Test func `an adapter of no steps is left out`() throws {
    try Workbench.with { bench in
      for (steps, isTried) in [("0", false), ("2", true)] {
        let run = try bench.fuse(["--no-privacy", "--adapter-steps", steps, "--json"])
        #expect(run.code == 0, "\(run.words)")
        let path = try #require(try run.decoded(Fusion.self).path)
        #expect((path.adapter != nil) == isTried, "\(steps) steps")
      }
    }
  }

  @Test func `results go to standard output, words to standard error, bars nowhere`() throws {
    try Workbench.with { bench in
      let fused = try bench.fuse(["--no-privacy"])
      #expect(fused.code == 0)
      #expect(fused.output.contains("wrote fused.onnx") && fused.output.contains("privacy: none"))
      #expect(fused.words.isEmpty)
      let trained = try bench.run([
        "train", "a.onnx", "--data", "data.npz", "--output", "c.onnx", "--epochs", "1", "--seed",
        "0",
      ])
      #expect(trained.code == 0 && trained.output.isEmpty)
      #expect(trained.words == "privfusion: wrote c.onnx\n")
    }
  }
}
