import Foundation
import ModelFormats
import Models
import Tensors
import Testing

/// `fuse` of models of different widths and classes, from outside.
@Suite struct WidthTests {
  private struct Result: Decodable {
    struct Layer: Decodable {
      let parameter: String
      let models: [Int]
      let fused: Int
    }

    let output: String
    let matching: String?
    let widths: [Layer]
    let classes: [String]?
    let namesFile: String?
    let outputScale: String?
  }

  private struct Scores: Decodable {
    struct Model: Decodable { let accuracy: Double }
    let models: [Model]
  }

  @Test func `models of other widths fuse into the widest, or wider`() throws {
    try Workbench.with { bench in
      try bench.write(hidden: [11], seed: 5, to: "wide.onnx")
      let fuse = ["fuse", "a.onnx", "wide.onnx", "--probe", "probe.npz", "--no-privacy", "--json"]
      for (flags, width) in [
        ([], 11), (["--width", "1.5"], 17), (["--width", "fc1.weight=12"], 12),
        (["--width", "0=13"], 13),
        (["--join-above", "1"], 19),
      ] {
        let run = try bench.run(fuse + ["--output", "fused.onnx"] + flags)
        try #require(run.code == 0, "\(flags) \(run.words)")
        let result: Result = try run.decoded()
        #expect(result.widths.map(\.models) == [[8, 11]])
        #expect(result.widths.map(\.fused) == [width], "\(flags)")
        let graph = try bench.model("fused.onnx")
        #expect(graph.initializers["fc1.weight"]?.shape == [width, 6])
        #expect(graph.initializers["fc2.weight"]?.shape == [3, width])
      }
      #expect(try bench.names().contains("fused.names.txt") == false)
    }
  }

  @Test func `what can't be done is refused, with nothing written`() throws {
    try Workbench.with { bench in
      try bench.write(hidden: [11], seed: 5, to: "wide.onnx")
      try Data("a\nb\nc\n".utf8).write(to: URL(fileURLWithPath: bench.folder + "abc.txt"))
      try Data("a\nb\n".utf8).write(to: URL(fileURLWithPath: bench.folder + "ab.txt"))
      try Data("a\nb\na\n".utf8).write(to: URL(fileURLWithPath: bench.folder + "aba.txt"))
      let fuse = ["fuse", "a.onnx", "wide.onnx", "--probe", "probe.npz", "--output", "fused.onnx"]
      let before = try bench.names()
      for (flags, code, words) in [
        (["--epsilon", "4"], Int32(64), "--no-privacy"),
        (["--no-privacy", "--width", "0.5"], 64, "from 1 to 16"),
        (["--no-privacy", "--width", "fc1.weight=9"], 64, "from 11 units"),
        (["--no-privacy", "--width", "fc7.weight=20"], 64, "fc1.weight"),
        (["--no-privacy", "--width", "much"], 64, "a factor (1.5) or GROUP=UNITS"),
        (["--no-privacy", "--join-above", "1.1"], 64, "-1 to 1"),
        (["--no-privacy", "--output-scale", "anchored"], 64, "--names"),
        (["--no-privacy", "--names", "abc.txt"], 64, "1 files for 2 models"),
        (["--no-privacy", "--names", "abc.txt,none.txt"], 66, "none.txt"),
        (["--no-privacy", "--names", "abc.txt,ab.txt"], 65, "ab.txt: names 2 classes"),
        (["--no-privacy", "--names", "abc.txt,aba.txt"], 65, "'a' twice"),
        (["--no-privacy", "--plan"], 64, "--plan"),
      ] {
        let run = try bench.run(fuse + flags)
        #expect(run.code == code, "\(flags): \(run.words)")
        #expect(run.words.contains(words), "\(flags): \(run.words)")
      }
      #expect(try bench.names() == before)
    }
  }

  @Test func `models of different classes fuse into one that names all, and is measured by name`()
    throws
  {
    try Workbench.with { bench in
      // Two halves of what a.onnx knows, whose answers are the labels of data.npz.
      let whole = try bench.model("a.onnx")
      for (name, classes) in [("p", [0, 1]), ("q", [2, 1])] {
        var graph = try whole.replacing(
          ["fc2.weight", "fc2.bias"].reduce(into: [:]) {
            $0[$1] = try whole.initializers[$1]?.selecting(classes, axis: 0)
          })
        graph.outputs[0].shape = [nil, 2]
        try bench.write(graph, to: name + ".onnx")
        let names = classes.map { ["shoe", "hat", "coat"][$0] + "\n" }.joined()
        try Data(names.utf8).write(to: URL(fileURLWithPath: bench.folder + name + ".txt"))
      }
      let run = try bench.run(
        [
          "fuse", "q.onnx", "p.onnx", "--names", "q.txt", "--names", "p.txt", "--probe",
          "probe.npz",
        ]
          + [
            "--no-privacy", "--no-filter", "--output-scale", "anchored", "--output", "fused.onnx",
            "--json",
          ])
      try #require(run.code == 0, "\(run.words)")
      let result: Result = try run.decoded()
      #expect(result.classes == ["coat", "hat", "shoe"] && result.outputScale == "anchored")
      #expect(result.namesFile == "fused.names.txt")
      #expect(try bench.bytes("fused.names.txt") == Data("coat\nhat\nshoe\n".utf8))
      try Data("shoe\nhat\ncoat\n".utf8)
        .write(to: URL(fileURLWithPath: bench.folder + "labels.txt"))
      let scores: Scores = try bench.run(
        ["evaluate", "fused.onnx", "p.onnx", "--data", "data.npz", "--label-names", "labels.txt"]
          + ["--names", "fused.names.txt,p.txt", "--json"]
      ).decoded()
      // The labels are what the whole model sees; half of it misses a class.
      #expect(scores.models[0].accuracy == 1)
      #expect(scores.models[1].accuracy < 1)
      let refused = try bench.run([
        "evaluate", "fused.onnx", "--data", "data.npz", "--names", "p.txt", "--label-names",
        "labels.txt",
      ])
      #expect(refused.code == 65 && refused.words.contains("names 2 classes"))
    }
  }

  /// Graphs that state sizes as constants, and others; tolerance of the script: 1e-5 of the largest
  /// output.
  @Test(
    .enabled(if: Interoperability.isInstalled, "needs .deps/python, which `make test` installs"))
  func `ONNX Runtime gives the same outputs of fused files that are wider`() throws {
    try withTemporaryFolder { folder in
      for name in ["recorded", "written"] {
        try FileManager.default.createDirectory(
          atPath: folder + name, withIntermediateDirectories: false)
      }
      let names = [
        "mlp-a-legacy-17", "cnnbn-a-legacy-17", "cnn-legacy-11-static", "dense-dynamo-18",
        "mobile-dynamo-18", "resnet-a-legacy-13",
      ]
      for name in names {
        let model = Repository.fixtures + name + ".onnx"
        let original = try ONNXModel(contentsOf: model).graph
        try Interoperability.probe(for: original, count: 24, to: folder + "probe.npz")
        let run = try Tool.run(
          ["fuse", model, model, "--probe", "probe.npz", "--output", "written/\(name).onnx"]
            + ["--no-privacy", "--no-filter", "--width", "1.5"], in: folder)
        #expect(run.code == 0, "\(name): \(run.words)")
        let fused = try ONNXModel(contentsOf: folder + "written/\(name).onnx").graph
        #expect(fused.parameterCount > original.parameterCount)
        let inputs = try ArrayArchive(contentsOf: folder + "probe.npz")
        let given = original.inputs.compactMap { port in inputs[port.name].map { (port.name, $0) } }
        let outputs = try ForwardPass(fused).values(Dictionary(uniqueKeysWithValues: given))
        let arrays =
          given.map { ("input." + $0.0, $0.1) } + outputs.map { ("output." + $0.key, $0.value) }
        try ArrayArchive.write(
          arrays.sorted { $0.0 < $1.0 }, to: folder + "recorded/\(name).npz")
      }
      for name in ["recorded", "written"] {
        try FileManager.default.copyItem(
          atPath: folder + "probe.npz", toPath: folder + name + "/probe.npz")
      }
      let compared = try Tool.run(
        program: "/usr/bin/env",
        [
          "python3", Repository.fixtures + "compare-models.py", folder + "recorded",
          folder + "written",
        ],
        environment: [
          "PYTHONPATH": Repository.pythonPackages, "PYTHONDONTWRITEBYTECODE": "1",
        ], in: folder)
      #expect(compared.code == 0, "\(compared.output) \(compared.words)")
      #expect(compared.output.contains("\(names.count) models"))
    }
  }
}
