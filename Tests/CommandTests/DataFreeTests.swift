import Foundation
import ModelFormats
import Models
import Tensors
import Testing

/// `fuse --data-free`, weights that lie apart from their graphs, and half precision.
@Suite struct DataFreeTests {
  private static let weights = Repository.fixtures + "Weights/"

  private func fuse(
    _ bench: Workbench, _ more: [String] = [], output: String = "fused.onnx"
  ) throws -> Tool.Run {
    try bench.run(
      ["fuse", "a.onnx", "b.onnx", "--no-privacy", "--data-free", "--output", output] + more)
  }

  /// A perceptron with its hidden units in the opposite order: the same function.
  private func reversed(_ graph: ModelGraph) throws -> ModelGraph {
    var graph = graph
    for node in graph.nodes where node.operation == "Gemm" {
      for (input, axis) in [(1, 0), (2, 0), (1, 1)] {
        guard let tensor = graph.initializers[node.inputs[input]], tensor.shape[axis] == 8 else {
          continue
        }
        graph.initializers[node.inputs[input]] = try tensor.selecting(
          Array((0..<8).reversed()), axis: axis)
      }
    }
    return graph
  }

  /// Tolerance: 1e-6 of weights below 1, for the rounding of one mean.
  @Test(arguments: [[], ["a.onnx"]])
  func `a model fused with its own permuted copy is itself`(third: [String]) throws {
    try Workbench.with { bench in
      let original = try bench.model("a.onnx")
      try bench.write(reversed(original), to: "b.onnx")
      let run = try fuse(bench, third)
      #expect(run.code == 0, "\(run.words)")
      let fused = try bench.model("fused.onnx")
      for (name, tensor) in original.parameters {
        let difference = try #require(fused.initializers[name]).subtracting(tensor)
        #expect(try difference.largestMagnitude() < 1e-6, "\(name)")
      }
      #expect(try bench.names().allSatisfy { !$0.contains("resume") && !$0.contains("partial") })
    }
  }

  @Test func `a run that was killed goes on to the same bytes`() throws {
    try Workbench.with { bench in
      for (name, seed) in [("a.onnx", 1), ("b.onnx", 2)] {
        try bench.write(hidden: [96, 96, 96, 96, 96, 96], seed: UInt64(seed), to: name)
      }
      #expect(try fuse(bench, output: "whole.onnx").code == 0)
      let whole = try bench.bytes("whole.onnx")
      var states: Set<Data> = []
      for _ in 0..<6 {
        // Killed as soon as there is a state that was not there before.
        let run = try bench.run(
          [
            "fuse", "a.onnx", "b.onnx", "--no-privacy", "--data-free", "--resume", "--output",
            "fused.onnx",
          ]
        ) { process in
          while process.isRunning {
            guard let state = try? bench.bytes("fused.onnx.resume"), !states.contains(state) else {
              continue
            }
            states.insert(state)
            kill(process.processIdentifier, SIGKILL)
          }
        }
        if run.code == 0 { break }
      }
      #expect(!states.isEmpty, "no state was seen")
      let run = try fuse(bench, ["--resume"])
      #expect(run.code == 0, "\(run.words)")
      #expect(try bench.bytes("fused.onnx") == whole)
      #expect(try bench.names().allSatisfy { !$0.contains("resume") && !$0.contains("partial") })
    }
  }

  @Test func `a state of other inputs, or a damaged one, is refused`() throws {
    try Workbench.with { bench in
      for (name, seed) in [("a.onnx", 1), ("b.onnx", 2)] {
        try bench.write(hidden: [96, 96, 96, 96], seed: UInt64(seed), to: name)
      }
      _ = try bench.run(
        ["fuse", "a.onnx", "b.onnx", "--no-privacy", "--data-free", "--output", "fused.onnx"]
      ) { process in
        while process.isRunning {
          guard (try? bench.bytes("fused.onnx.resume")) != nil else { continue }
          kill(process.processIdentifier, SIGKILL)
        }
      }
      let state = try #require(try? bench.bytes("fused.onnx.resume"))
      let seeded = try fuse(bench, ["--resume", "--seed", "5"])
      #expect(seeded.code == 65 && seeded.words.contains("other models, weights or settings"))
      try bench.write(hidden: [96, 96, 96, 96], seed: 3, to: "b.onnx")
      #expect(try fuse(bench, ["--resume"]).code == 65)
      try state.prefix(state.count / 2).write(
        to: URL(fileURLWithPath: bench.folder + "fused.onnx.resume"))
      let damaged = try fuse(bench, ["--resume"])
      #expect(damaged.code == 65 && damaged.words.contains("damaged"))
      #expect(try !bench.names().contains("fused.onnx"))
      #expect(try fuse(bench).code == 0)
    }
  }

  @Test func `flags that do not go together are refused`() throws {
    try Workbench.with { bench in
      for flags in [
        ["--no-privacy", "--data-free", "--probe", "probe.npz"],
        ["--no-privacy", "--data-free", "--select"],
        ["--no-privacy", "--data-free", "--width", "2"],
        ["--no-privacy", "--probe", "probe.npz", "--resume"],
        ["--epsilon", "4", "--probe", "probe.npz", "--resume"], ["--epsilon", "4", "--data-free"],
        ["--model-epsilon", "4", "--data-free", "--resume"],
        ["--no-privacy", "--data-free", "--matching", "weights"],
        ["--no-privacy", "--data-free", "--weights", "x", "--weights", "y", "--weights", "z"],
        ["--no-privacy", "--probe", "probe.npz", "--output-weights", "w"],
      ] {
        let run = try bench.run(["fuse", "a.onnx", "b.onnx", "--output", "fused.onnx"] + flags)
        #expect(run.code == 64, "\(flags) \(run.code) \(run.words)")
      }
      #expect(try !bench.names().contains("fused.onnx"))
    }
  }

  @Test func `one graph and two files of weights are two models`() throws {
    try Workbench.with { bench in
      let graph = Self.weights + "linear-renamed.onnx"
      let run = try bench.run([
        "fuse", graph, "--weights", Self.weights + "linear.safetensors.index.json", "--weights",
        Self.weights + "linear-b.safetensors", "--no-privacy", "--data-free", "--output",
        "fused.onnx", "--output-weights", "fused.safetensors", "--json",
      ])
      #expect(run.code == 0, "\(run.words)")
      let fused = try bench.model("fused.onnx")
      let written = try WeightFiles(contentsOf: bench.folder + "fused.safetensors")
      #expect(Set(written.names) == Set(fused.initializers.keys))
      for (name, tensor) in fused.initializers {
        #expect(try written.tensor(name)?.isIdentical(to: tensor) == true, "\(name)")
      }
      let shown = try bench.run(
        ["inspect", graph, "--weights", Self.weights + "linear.safetensors", "--json"])
      #expect(shown.code == 0, "\(shown.words)")
      let bare = try bench.run(["inspect", graph])
      #expect(bare.code == 65)
      let wrong = try bench.run(["inspect", graph, "--weights", Self.weights + "half-a.onnx"])
      #expect(wrong.code == 65 && wrong.words.contains("half-a.onnx"))
    }
  }

  @Test(arguments: ["half", "brain"])
  func `half precision stays what it is, with a probe and without`(name: String) throws {
    try Workbench.with { bench in
      let models = ["a", "b"].map { Self.weights + "\(name)-\($0).onnx" }
      let type: ElementType = name == "half" ? .float16 : .bfloat16
      for way in [["--data-free"], ["--probe", Self.weights + "\(name)-a.npz", "--seed", "3"]] {
        let run = try bench.run(
          ["fuse"] + models + ["--no-privacy", "--output", "fused.onnx"] + way)
        #expect(run.code == 0, "\(way) \(run.words)")
        let fused = try bench.model("fused.onnx")
        let first = try ONNXModel(contentsOf: models[0]).graph
        #expect(fused.inputs == first.inputs && fused.outputs == first.outputs)
        for (name, tensor) in first.initializers {
          #expect(fused.initializers[name]?.elementType == tensor.elementType)
          #expect(fused.initializers[name]?.shape == tensor.shape)
        }
        #expect(fused.parameters.values.allSatisfy { $0.elementType == type })
      }
    }
  }

  static var hasRuntime: Bool {
    FileManager.default.fileExists(atPath: Repository.pythonPackages + "/onnxruntime")
  }

  /// The runtime computes in half precision, whose steps are 1e-3 of a number; outputs are near 1.
  @Test(.enabled(if: DataFreeTests.hasRuntime, "needs .deps/python with onnx and onnxruntime"))
  func `ONNX Runtime computes what a fused model of half precision is`() throws {
    try Workbench.with { bench in
      let models = ["a", "b"].map { Self.weights + "half-\($0).onnx" }
      let run = try bench.run(
        ["fuse"] + models + ["--no-privacy", "--data-free", "--output", "fused.onnx"])
      #expect(run.code == 0, "\(run.words)")
      let data = try #require(try ArrayArchive(contentsOf: Self.weights + "half-a.npz")["x"])
      let graph = try bench.model("fused.onnx").inSinglePrecision()
      let y = try #require(try ForwardPass(graph).values(["x": data])["y"])
      try bench.write(["x": data, "y": y], to: "expected.npz")
      let script = """
        import numpy, onnx, onnxruntime
        onnx.checker.check_model("fused.onnx", full_check=True)
        data = numpy.load("expected.npz")
        session = onnxruntime.InferenceSession("fused.onnx", providers=["CPUExecutionProvider"])
        made, = session.run(None, {"x": data["x"].astype("float16")})
        assert made.dtype == numpy.float16
        assert abs(made.astype("f4") - data["y"]).max() < 0.02, abs(made - data["y"]).max()
        print("agrees")
        """
      let python = try Tool.run(
        program: "/usr/bin/env", ["python3", "-c", script],
        environment: [
          "PYTHONPATH": Repository.pythonPackages, "PYTHONDONTWRITEBYTECODE": "1",
        ], in: bench.folder)
      #expect(python.output.contains("agrees"), "\(python.words)")
    }
  }
}
