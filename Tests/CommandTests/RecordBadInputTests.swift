import Foundation
import ModelFormats
import Models
import Tensors
import Testing

/// Trainings that are refused before anything is spent.
@Suite struct RecordBadInputTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var code: Int32 = 65
    /// What the message must hold: the file, what is wrong, what to do.
    let words: [String]
    /// Makes `bad.npz`, or another file.
    var prepare: @Sendable (RecordWorkbench) throws -> Void = { _ in }
    /// Options in place of those of a good training; nil leaves one out.
    var changes: [String: String?] = [:]
    var flags: [String] = []
  }

  /// 30 records of the right shape with the given labels.
  private static func data(
    _ name: String, labels: @autoclosure @escaping @Sendable () throws -> Tensor,
    classes: String? = "3", words: [String]
  ) -> Case {
    Case(
      testDescription: name, words: ["bad.npz"] + words,
      prepare: { parties in
        try parties.bench.write(
          ["x": parties.inputs(30, seed: 5).x, "y": labels()], to: "bad.npz")
      }, changes: ["--data": "bad.npz", "--classes": classes])
  }

  private static func cycle(_ labels: [Int64]) throws -> Tensor {
    try Tensor((0..<30).map { labels[$0 % labels.count] }, shape: [30])
  }

  static let data: [Case] = [
    data(
      "a label above the classes", labels: try cycle([0, 1, 3]),
      words: ["labels must be from 0 to 2, as --classes says"]),
    data("a label below 0", labels: try cycle([0, 1, -1]), words: ["labels must be from 0 to 2"]),
    data(
      "a huge label", labels: try cycle([0, 1, .max]), classes: nil,
      words: ["labels must be from 0 to 99999"]),
    data(
      "an empty class", labels: try cycle([0, 2]), classes: nil,
      words: ["no record has the label 1", "--classes"]),
    data(
      "one class alone", labels: try cycle([0]), classes: nil,
      words: ["all labels are 0", "--classes"]),
    data("labels of another number", labels: try Tensor(indices: [0, 1]), words: ["30", "2"]),
    data(
      "real labels", labels: try .zeros([30]), words: ["'y' must hold integers of shape [m]"]),
    data(
      "a table of labels", labels: try cycle([0, 1]).reshaped([30, 1]),
      words: ["'y' must hold integers of shape [m]"]),
    Case(
      testDescription: "no labels", words: ["probe.npz", "no array 'y'"],
      changes: ["--data": "probe.npz"]),
    Case(
      testDescription: "the probe itself",
      words: ["bad.npz", "is the probe that the trunk was learnt from", "never be in a probe"],
      prepare: { parties in
        let (x, y) = try parties.inputs(200, seed: 1)
        try parties.bench.write(["x": x, "y": y], to: "bad.npz")
        let run = try parties.bench.run([
          "features", "--probe", "bad.npz", "--output", "bad.onnx", "--dimension", "24",
        ])
        #expect(run.code == 0, "\(run.words)")
      }, changes: ["--data": "bad.npz", "--trunk": "bad.onnx"]),
    Case(
      testDescription: "another width", words: ["bad.npz", "[any, 6]", "[30, 5]"],
      prepare: { try $0.bench.write(["x": .zeros([30, 5]), "y": cycle([0, 1])], to: "bad.npz") },
      changes: ["--data": "bad.npz"]),
    Case(
      testDescription: "numbers that are not finite", words: ["bad.npz", "NaN or infinite"],
      prepare: {
        try $0.bench.write(["x": .full([30, 6], .nan), "y": cycle([0, 1])], to: "bad.npz")
      }, changes: ["--data": "bad.npz"]),
    Case(
      testDescription: "no records", words: ["bad.npz", "at least one"],
      prepare: {
        try $0.bench.write(
          ["x": .zeros([0, 6]), "y": .zeros([0], type: .int64)], to: "bad.npz")
      }, changes: ["--data": "bad.npz"]),
    Case(
      testDescription: "no such data", code: 66, words: ["bad.npz", "no such file"],
      changes: ["--data": "bad.npz"]),
  ]

  /// Subtracts the mean over the batch.
  private static var mixingTrunk: ModelGraph {
    ModelGraph(
      name: "mixing", operatorSet: 17,
      nodes: [
        .init(
          operation: "ReduceMean", inputs: ["x"], outputs: ["mean"],
          attributes: ["axes": .ints([0]), "keepdims": .int(1)]),
        .init(operation: "Sub", inputs: ["x", "mean"], outputs: ["features"]),
      ], initializers: [:],
      inputs: [.init(name: "x", type: .float32, shape: [nil, 6])],
      outputs: [.init(name: "features", type: .float32, shape: [nil, 6])])
  }

  static let places: [Case] = [
    Case(
      testDescription: "a classifier in place of a trunk", words: ["p1.onnx", "give a trunk"],
      changes: ["--trunk": "p1.onnx"]),
    Case(
      testDescription: "an architecture in place of a trunk", words: ["bad.onnx", "give a trunk"],
      prepare: { try $0.bench.write(hidden: [8], seed: 1, to: "bad.onnx") },
      changes: ["--trunk": "bad.onnx"]),
    Case(
      testDescription: "a trunk that was trained without privacy",
      words: ["bad.onnx", "was trained on data without privacy", "Start from a public network"],
      prepare: { parties in
        try ONNXModel(contentsOf: parties.bench.folder + "trunk.onnx").write(
          to: parties.bench.folder + "bad.onnx", metadata: ["privfusion.privacy_unit": "none"])
      }, changes: ["--trunk": "bad.onnx"]),
    Case(
      testDescription: "a trunk that mixes records",
      words: ["bad.onnx", "depends on the other inputs beside it"],
      prepare: { try $0.bench.write(mixingTrunk, to: "bad.onnx") },
      changes: ["--trunk": "bad.onnx"]),
    Case(
      testDescription: "no such trunk", code: 66, words: ["bad.onnx", "no such file"],
      changes: ["--trunk": "bad.onnx"]),
    Case(
      testDescription: "a truncated trunk", words: ["bad.onnx"],
      prepare: {
        try $0.bench.bytes("trunk.onnx").dropLast(100).write(to: $0.bench.url("bad.onnx"))
      }, changes: ["--trunk": "bad.onnx"]),
    Case(
      testDescription: "no folder for the output", code: 73, words: ["none/new.onnx"],
      changes: ["--output": "none/new.onnx"]),
    Case(
      testDescription: "no folder for the ledger", code: 73, words: ["none/new.ledger"],
      changes: ["--ledger": "none/new.ledger"]),
    Case(
      testDescription: "a ledger that is something else", words: ["probe.npz", "no ledger"],
      changes: ["--ledger": "probe.npz"]),
    Case(
      testDescription: "a ledger that others can read", words: ["p1.ledger", "chmod 600"],
      prepare: {
        try FileManager.default.setAttributes(
          [.posixPermissions: 0o644], ofItemAtPath: $0.bench.url("p1.ledger").path)
      }, changes: ["--ledger": "p1.ledger"]),
    Case(
      testDescription: "a ledger for other losses", code: 64, words: ["no limit for losses"],
      prepare: {
        let run = try $0.bench.run(["ledger", "create", "bad.ledger", "--value-epsilon", "1"])
        #expect(run.code == 0, "\(run.words)")
      }, changes: ["--ledger": "bad.ledger"]),
  ]

  private static func figure(
    _ option: String, _ value: String?, _ words: [String], flags: [String] = []
  ) -> Case {
    Case(
      testDescription: "\(option) \(value ?? "left out") \(flags)", code: 64, words: words,
      changes: [option: value], flags: flags)
  }

  static let figures: [Case] =
    ["0", "-1", "nan", "inf", "-inf"].map {
      figure("--record-epsilon", $0, ["a privacy loss must be finite and above 0, got"])
    }
    + ["0", "-1e-5", "nan", "inf", "0.6", "1"].map {
      figure("--delta", $0, ["delta of at least 1e-100 and at most 0.5, got"])
    } + [
      figure("--record-epsilon", "100.5", ["--record-epsilon must be at most 100, got 100.5"]),
      figure("--record-epsilon", "1e300", ["--record-epsilon must be at most 100, got 1e+300"]),
      figure("--record-epsilon", "much", ["much", "--record-epsilon"]),
      figure("--record-epsilon", nil, ["--record-epsilon"]),
      figure("--delta", nil, ["--record-epsilon needs --delta"]),
      figure("--ledger", nil, ["--record-epsilon needs --ledger"]),
      figure("--parties", "0", ["--parties must be at least 1, got 0"]),
      figure("--classes", "1", ["--classes must be at least 2, got 1"]),
      figure("--clip", "0", ["--clip must be above 0 and at most 4, got 0"]),
      figure("--clip", "nan", ["--clip must be above 0 and at most 4, got nan"]),
      figure("--clip", "5", ["--clip must be above 0 and at most 4, got 5"]),
      figure("--clip", "1e-9", ["clipping radius", "1e-09"]),
      figure("--learning-rate", "0", ["--learning-rate must be"]),
      figure("--learning-rate", "inf", ["--learning-rate must be"]),
      figure("--learning-rate", "1e300", ["--learning-rate must be", "1e+300"]),
      figure("--epochs", "3", ["do not go with --trunk"]),
      // So little may be lost that no noise would do, or none that the sampler has.
      Case(
        testDescription: "more noise than there is", code: 64, words: ["no loss that can be"],
        changes: ["--record-epsilon": "1e-12", "--delta": "1e-15"]),
      Case(
        testDescription: "more noise than fits the grid", code: 64, words: ["noise of", "above"],
        changes: ["--record-epsilon": "1e-5", "--delta": "1e-8"]),
    ]

  private func expectRefusal(_ bad: Case, ledger: String = "new.ledger") throws {
    try RecordWorkbench.with { parties in
      try bad.prepare(parties)
      let bench = parties.bench
      let ledgers = try bench.names().filter { $0.hasSuffix(".ledger") }.map {
        ($0, try bench.bytes($0))
      }
      let names = try bench.names()
      var changes = ["--ledger": ledger, "--output": "new.onnx"] as [String: String?]
      changes.merge(bad.changes) { $1 }
      let run = try bench.run(parties.training("p2", replacing: changes) + bad.flags)
      #expect(run.code == bad.code, "\(run.words)")
      for word in bad.words { #expect(run.words.contains(word), "\(run.words)") }
      #expect(run.output.isEmpty)
      #expect(try bench.names() == names)
      // Not a byte: nothing was spent.
      for (name, bytes) in ledgers { #expect(try bench.bytes(name) == bytes) }
    }
  }

  @Test(arguments: data)
  func `data that can't be trained on is refused`(bad: Case) throws { try expectRefusal(bad) }

  @Test(arguments: places)
  func `files that do not serve are refused`(bad: Case) throws { try expectRefusal(bad) }

  @Test(arguments: figures)
  func `figures that can't be meant are refused`(bad: Case) throws { try expectRefusal(bad) }

  @Test(arguments: data + places.filter { $0.changes["--ledger"] == nil } + figures.suffix(2))
  func `a ledger that a refused training would have made is not made`(bad: Case) throws {
    try expectRefusal(bad, ledger: "fresh.ledger")
  }

  @Test(arguments: [
    (["x": [4]], "[m, channels"), (["x": [1, 6]], "fewer than two different"),
    (["x": [9, 1, 4, 4]], "patches with any contrast"),
    (["z": [9, 2], "w": [9, 2]], "no array 'x'"),
  ])
  func `a probe without anything to learn is refused`(
    shapes: [String: [Int]], word: String
  ) throws {
    try withTemporaryFolder { folder in
      let bench = Workbench(at: folder)
      try bench.write(shapes.mapValues { try Tensor.zeros($0) }, to: "bad.npz")
      let run = try bench.run(["features", "--probe", "bad.npz", "--output", "trunk.onnx"])
      #expect(run.code == 65 && run.output.isEmpty)
      #expect(run.words.contains("bad.npz") && run.words.contains(word), "\(run.words)")
      #expect(try bench.names() == ["bad.npz"])
    }
  }
}
