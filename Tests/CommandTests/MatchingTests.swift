import Foundation
import Models
import Tensors
import Testing

/// `fuse --matching`, from outside.
@Suite struct MatchingTests {
  private struct Result: Decodable {
    let matching: String
  }

  private struct Scores: Decodable {
    struct Model: Decodable { let accuracy: Double }
    let models: [Model]
  }

  /// Copies whose neurons stand in other orders are one function, which an average without
  /// matching loses.
  @Test func `joint matching finds shuffled neurons as auto does, and the result names it`() throws
  {
    try Workbench.with { bench in
      let graph = try bench.model("a.onnx")
      for (name, order) in [("p", [3, 1, 7, 0, 6, 2, 5, 4]), ("q", [6, 4, 0, 5, 2, 7, 1, 3])] {
        try bench.write(graph.shufflingUnits(order), to: name + ".onnx")
      }
      let all = ["auto", "joint", "none"]
      for (choice, used) in zip(all, ["both", "joint", "none"]) {
        let run = try bench.run(
          ["fuse", "a.onnx", "p.onnx", "q.onnx", "--probe", "probe.npz", "--no-privacy"]
            + ["--no-filter", "--matching", choice, "--output", choice + ".onnx", "--json"])
        try #require(run.code == 0, "\(choice): \(run.words)")
        #expect(try run.decoded(Result.self).matching == used)
      }
      let scores: Scores = try bench.run(
        ["evaluate"] + all.map { $0 + ".onnx" } + ["--data", "data.npz", "--json"]
      ).decoded()
      // The labels are what a.onnx sees.
      #expect(scores.models[0].accuracy == 1 && scores.models[1].accuracy == 1)
      #expect(scores.models[2].accuracy < 1)
    }
  }

  @Test func `joint matching of unlike models is as good as auto's`() throws {
    try Workbench.with { bench in
      for choice in ["auto", "joint"] {
        let run = try bench.fuse(["--no-privacy", "--matching", choice])
        try #require(run.code == 0, "\(choice): \(run.words)")
        #expect(run.output.contains("matching: \(choice == "auto" ? "both" : choice)\n"))
        try bench.bytes("fused.onnx").write(
          to: URL(fileURLWithPath: bench.folder + choice + ".onnx"))
      }
      let scores: Scores = try bench.run([
        "evaluate", "auto.onnx", "joint.onnx", "--data", "data.npz", "--json",
      ]).decoded()
      // Of 60 inputs; the fused models differ in a few where the two that went in do not agree.
      #expect(scores.models[1].accuracy > scores.models[0].accuracy - 0.2)
    }
  }
}

extension ModelGraph {
  /// The same function with the eight hidden units of `Workbench`'s models in another order.
  fileprivate func shufflingUnits(_ order: [Int]) throws -> ModelGraph {
    var graph = self
    graph.initializers = try initializers.mapValues { tensor in
      guard let axis = tensor.shape.firstIndex(of: order.count) else { return tensor }
      return try tensor.selecting(order, axis: axis)
    }
    return graph
  }
}
