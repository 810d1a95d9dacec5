import Foundation
import ModelFormats
import Models
import Tensors
import Testing

/// One thing that can be wrong with what `fuse` is given.
struct BadInput: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// The exit code that `privfusion --help` promises.
  let code: Int32
  /// What the message must hold: the file, what is wrong, what to do.
  let words: [String]
  /// Makes the files.
  var prepare: @Sendable (Workbench) throws -> Void = { _ in }
  var models = ["a.onnx", "b.onnx"]
  var probe = "probe.npz"
  var options = ["--no-privacy"]

  var arguments: [String] {
    ["fuse"] + models + ["--probe", probe, "--output", "fused.onnx"] + options
  }
}

extension BadInput {
  static let models = [
    BadInput(
      testDescription: "truncated model", code: 65, words: ["bad.onnx", "export it again"],
      prepare: { try $0.bytes("b.onnx").dropLast(100).write(to: $0.url("bad.onnx")) },
      models: ["a.onnx", "bad.onnx"]),
    BadInput(
      testDescription: "not a model", code: 65, words: ["bad.onnx", "export it again"],
      prepare: { try Data("no model at all".utf8).write(to: $0.url("bad.onnx")) },
      models: ["bad.onnx", "b.onnx"]),
    BadInput(
      testDescription: "no such model", code: 66, words: ["bad.onnx", "no such file"],
      models: ["a.onnx", "bad.onnx"]),
    BadInput(
      testDescription: "another architecture", code: 65,
      words: [
        "bad.onnx", "a.onnx", "3 operators in the first, 5 here", "Fuse models of one architecture",
      ],
      prepare: { try $0.write(hidden: [8, 8], seed: 0, to: "bad.onnx") },
      models: ["a.onnx", "bad.onnx"]),
    BadInput(
      testDescription: "other inputs", code: 65,
      words: ["bad.onnx", "a.onnx", "[any, 6]", "[any, 7]", "Fuse models of one architecture"],
      prepare: {
        let graph = try Architecture.mlp(inputs: 7, hidden: [8], classes: 3).untrained(seed: 0)
        try $0.write(graph, to: "bad.onnx")
      },
      models: ["a.onnx", "bad.onnx"]),
    BadInput(
      testDescription: "NaN weights", code: 65, words: ["bad.onnx", "fc1.weight", "NaN", "train"],
      prepare: {
        let weight = try Tensor.full([8, 6], .nan)
        try $0.write($0.model("b.onnx").replacing(["fc1.weight": weight]), to: "bad.onnx")
      }, models: ["a.onnx", "bad.onnx"]),
    BadInput(
      testDescription: "an unknown operator", code: 65,
      words: ["bad.onnx", "Frobnicate", "export the model without it"],
      prepare: {
        var graph = try $0.model("a.onnx")
        graph.nodes[1].operation = "Frobnicate"
        try $0.write(graph, to: "bad.onnx")
      }, models: ["bad.onnx", "bad.onnx"]),
  ]

  private static func probe(
    _ name: String, _ arrays: [String: Tensor], words: [String]
  ) -> BadInput {
    BadInput(
      testDescription: name, code: 65, words: ["bad.npz"] + words,
      prepare: { try $0.write(arrays, to: "bad.npz") }, probe: "bad.npz")
  }

  static func probes() throws -> [BadInput] {
    [
      probe(
        "another shape", ["x": try .zeros([5, 7])], words: ["[any, 6]", "[5, 7]"]),
      probe("another rank", ["x": try .zeros([6])], words: ["[any, 6]", "[6]"]),
      probe(
        "another type", ["x": try .zeros([5, 6], type: .float64)], words: ["float32", "float64"]),
      probe("nothing in it", ["x": try .zeros([0, 6])], words: ["give at least one"]),
      probe("one input", ["x": try .zeros([1, 6])], words: ["at least 2 inputs"]),
      probe("no inputs", ["z": try .zeros([5, 6])], words: ["'x'", "z", "Name the array"]),
      probe("not finite", ["x": try .full([5, 6], .infinity)], words: ["'x'", "infinite"]),
      BadInput(
        testDescription: "a truncated archive", code: 65, words: ["bad.npz"],
        prepare: { try $0.bytes("probe.npz").dropLast(30).write(to: $0.url("bad.npz")) },
        probe: "bad.npz"),
      BadInput(
        testDescription: "no such probe", code: 66, words: ["bad.npz", "no such file"],
        probe: "bad.npz"),
    ]
  }

  private static func losses(_ options: [String], _ words: [String]) -> BadInput {
    BadInput(
      testDescription: options.joined(separator: " "), code: 64, words: words, options: options)
  }

  static let losses =
    ["0", "-1", "nan", "inf", "21", "-0.5"].map {
      losses(["--epsilon", $0], ["epsilon must be at least 0.001 and at most 20, got"])
    } + [
      losses(["--epsilon", "much"], ["much", "--epsilon"]),
      losses([], ["--epsilon E", "--no-privacy"]),
      losses(["--epsilon", "1", "--no-privacy"], ["exclude each other"]),
      losses(["--no-privacy", "--vote-epsilon", "1"], ["--vote-epsilon needs --epsilon"]),
      losses(["--epsilon", "1", "--vote-epsilon", "0"], ["epsilon must be at least 0.001"]),
      losses(["--epsilon", "1", "--matching", "weights"], ["--matching activations or none"]),
      losses(["--no-privacy", "--matching", "colours"], ["colours", "--matching"]),
      losses(
        ["--no-privacy", "--adapter-steps=-1"], ["--adapter-steps must be in 0 to", "got -1"]),
      losses(
        ["--no-privacy", "--adapter-steps", "5", "--no-filter"],
        ["--adapter-steps needs the filter"]),
    ]
}

extension Workbench {
  func url(_ name: String) -> URL { URL(fileURLWithPath: folder + name) }
}

@Suite struct BadInputTests {
  private func expectRefusal(_ bad: BadInput) throws {
    try Workbench.with { bench in
      try bad.prepare(bench)
      let before = try bench.names()
      let run = try bench.run(bad.arguments)
      #expect(run.code == bad.code, "\(run.words)")
      for word in bad.words { #expect(run.words.contains(word), "\(run.words)") }
      #expect(run.output.isEmpty)
      #expect(!run.words.contains("\r"))
      #expect(try bench.names() == before)
    }
  }

  @Test(arguments: BadInput.models)
  func `a model that can't be fused is refused`(bad: BadInput) throws { try expectRefusal(bad) }

  @Test(arguments: try BadInput.probes())
  func `a probe that does not fit is refused`(bad: BadInput) throws { try expectRefusal(bad) }

  @Test(arguments: BadInput.losses)
  func `a loss that can't be meant is refused`(bad: BadInput) throws { try expectRefusal(bad) }

  @Test func `one model, or the same file twice, is said so and fused`() throws {
    try Workbench.with { bench in
      let one = try bench.run([
        "fuse", "a.onnx", "--probe", "probe.npz", "--output", "one.onnx", "--no-privacy",
      ])
      #expect(one.code == 0)
      #expect(one.words.contains("only one model is given"))
      let twice = try bench.run([
        "fuse", "a.onnx", "a.onnx", "--probe", "probe.npz", "--output", "twice.onnx", "--epsilon",
        "4",
      ])
      #expect(twice.code == 0)
      #expect(twice.words.contains("a.onnx and a.onnx are the same model; it counts twice"))
      #expect(try bench.names().isSuperset(of: ["one.onnx", "twice.onnx"]))
    }
  }
}
