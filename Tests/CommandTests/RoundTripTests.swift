import Foundation
import ModelFormats
import Models
import Tensors
import Testing

/// From an untrained model to a fused one, as a user goes.
@Suite struct RoundTripTests {
  private struct Scores: Decodable {
    struct Score: Decodable { let accuracy: Double }
    let models: [Score]
    let ensemble: Score
  }

  /// Three Gaussian clouds at the corners of a triangle, `count` points in all.
  private func clouds(_ count: Int, seed: UInt64) throws -> [String: Tensor] {
    let labels = (0..<count).map { Int64($0 % 3) }
    let corners = try Tensor(
      [[Float]]([[3, 0, 0, 0], [0, 3, 0, 0], [0, 0, 3, 0]]).flatMap { $0 }, shape: [3, 4])
    let centers = try corners.selecting(labels.map(Int.init), axis: 0)
    let x = try Tensor.normal([count, 4], seed: seed).multiplied(by: 0.7).adding(centers)
    return ["x": x, "y": try Tensor(labels, shape: [count])]
  }

  /// Clouds that are four deviations apart are told apart in more than 95 of 100 cases.
  @Test func `models trained apart fuse into one that works`() throws {
    try Workbench.with { bench in
      func run(_ arguments: String...) throws -> Tool.Run {
        let run = try bench.run(arguments)
        #expect(run.code == 0, "\(arguments) \(run.words)")
        return run
      }
      for (seed, name) in ["p", "q", "r"].enumerated() {
        _ = try run(
          "architecture", "mlp", "--inputs", "4", "--hidden", "16", "12", "--classes", "3",
          "--seed", "\(seed)", "--output", "\(name)0.onnx")
        try bench.write(clouds(150, seed: UInt64(seed)), to: "\(name).npz")
        _ = try run(
          "train", "\(name)0.onnx", "--data", "\(name).npz", "--output", "\(name).onnx",
          "--epochs", "30", "--learning-rate", "0.01", "--seed", "\(seed)")
      }
      try bench.write(clouds(300, seed: 90), to: "test.npz")
      // Labels that a probe may have are not read.
      try bench.write(clouds(300, seed: 91), to: "public.npz")
      for (name, flag) in [("open", ["--no-privacy"]), ("private", ["--epsilon", "4"])] {
        let run = try bench.run(
          [
            "fuse", "p.onnx", "q.onnx", "r.onnx", "--probe", "public.npz", "--output",
            "\(name).onnx",
          ]
            + flag)
        #expect(run.code == 0, "\(run.words)")
      }
      let scores: Scores = try run(
        "evaluate", "p.onnx", "q.onnx", "r.onnx", "open.onnx", "private.onnx", "p0.onnx", "--data",
        "test.npz", "--json"
      ).decoded()
      #expect(scores.models[..<5].allSatisfy { $0.accuracy > 0.95 }, "\(scores)")
      #expect(scores.models[5].accuracy < 0.9)
    }
  }

  @Test func `the same seed makes the same models`() throws {
    try Workbench.with { bench in
      for name in ["one", "two"] {
        let run = try bench.run(["architecture", "cnn-bn", "--seed", "5", "--output", name])
        #expect(run.code == 0)
        let trained = try bench.run([
          "train", "a.onnx", "--data", "data.npz", "--epochs", "2", "--seed", "3", "--output",
          name + "-trained",
        ])
        #expect(trained.code == 0)
        let fused = try bench.run([
          "fuse", "a.onnx", "b.onnx", "--probe", "probe.npz", "--no-privacy", "--seed", "4",
          "--output", name + "-fused",
        ])
        #expect(fused.code == 0)
      }
      for suffix in ["", "-trained", "-fused"] {
        #expect(try bench.bytes("one" + suffix) == bench.bytes("two" + suffix))
      }
    }
  }

  @Test(arguments: [
    "mlp-a-legacy-17", "cnnbn-a-legacy-17", "resnet-a-legacy-13", "transformer-a-legacy-17",
  ])
  func `a file fused with itself keeps its weights bit for bit`(name: String) throws {
    try withTemporaryFolder { folder in
      let path = Repository.fixtures + name + ".onnx"
      let original = try ONNXModel(contentsOf: path).graph
      try Interoperability.probe(for: original, count: 20, to: folder + "probe.npz")
      let run = try Tool.run(
        [
          "fuse", path, path, "--probe", "probe.npz", "--output", "fused.onnx", "--no-privacy",
          "--no-filter",
        ], in: folder)
      #expect(run.code == 0, "\(run.words)")
      let fused = try ONNXModel(contentsOf: folder + "fused.onnx")
      #expect(Set(fused.graph.initializers.keys) == Set(original.initializers.keys))
      for (name, tensor) in original.initializers {
        #expect(try fused.graph.initializers[name]?.isIdentical(to: tensor) == true, "\(name)")
      }
      #expect(fused.metadata["privfusion.privacy_unit"] == "none")
    }
  }
}
