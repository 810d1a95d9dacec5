import Foundation
import Models
import Tensors
import Testing

/// `release` and `combine` of sessions that state more than the models: a public architecture, or
/// the initialisation that all started from.
@Suite struct SessionOptionTests {
  private struct Scores: Decodable {
    struct Model: Decodable { let accuracy: Double }
    let models: [Model]
  }

  @Test func `a public architecture is stated in place of the model, up to the fused file`() throws
  {
    try Workbench.with { bench in
      // A number outside the parameters may not leave the model by itself.
      for name in ["a", "b"] {
        try bench.write(bench.model(name + ".onnx").tempered(), to: name + ".onnx")
      }
      try bench.write(hidden: [8], seed: 9, to: "public.onnx")
      try bench.write(bench.model("public.onnx").tempered(), to: "public.onnx")
      let flags = ["--architecture", "public.onnx"]
      let refused = try bench.run(bench.signatureArguments("a", ledger: "a.ledger"))
      #expect(refused.code == 65 && refused.words.contains("--architecture"))
      #expect(try bench.names().isDisjoint(with: ["a.signature", "a.ledger"]))
      let all = try bench.exchange(flags)
      try bench.succeed(["combine"] + all + ["--output", "fused.onnx"])
      let fused = try bench.model("fused.onnx")
      #expect(
        fused.nodes.map(\.operation) == (try bench.model("public.onnx")).nodes.map(\.operation))
      try bench.succeed(["evaluate", "fused.onnx", "--data", "data.npz"])

      try bench.write(hidden: [9], seed: 9, to: "wide.onnx")
      let other = try bench.run(
        bench.signatureArguments("a", ledger: "c.ledger", output: "c.signature")
          + ["--architecture", "wide.onnx"])
      #expect(other.code == 65)
      #expect(try bench.names().isDisjoint(with: ["c.signature", "c.ledger"]))
    }
  }

  @Test func `models of one start are combined unmatched, by the start that all of them name`()
    throws
  {
    try Workbench.with { bench in
      let start = try bench.model("a.onnx")
      try bench.write(start, to: "start.onnx")
      for (index, name) in ["a", "b"].enumerated() {
        var graph = start
        for (place, key) in graph.initializers.keys.sorted().enumerated() {
          let seed = UInt64(10 * index + place)
          graph.initializers[key] = try graph.initializers[key].map {
            try $0.adding(Tensor.normal($0.shape, seed: seed).multiplied(by: 0.01))
          }
        }
        try bench.write(graph, to: name + ".onnx")
      }
      let flags = ["--common-init", "start.onnx"]
      for party in ["a", "b"] {
        try bench.succeed(bench.signatureArguments(party, ledger: party + ".ledger") + flags)
      }
      let before = try bench.contents()
      // Without the start, or with another, a party would be in another session.
      let weights = bench.weightsArguments("a", ledger: "a.ledger")
      #expect(try bench.run(weights).code == 65)
      try bench.write(hidden: [8], seed: 2, to: "another.onnx")
      #expect(try bench.run(weights + ["--common-init", "another.onnx"]).code == 65)
      try FileManager.default.removeItem(atPath: bench.folder + "another.onnx")
      #expect(try bench.contents() == before)
      for party in ["a", "b"] {
        try bench.succeed(bench.weightsArguments(party, ledger: party + ".ledger") + flags)
      }
      let all = ["a.signature", "b.signature", "a.weights", "b.weights"]
      let combine = ["combine"] + all + ["--output", "fused.onnx"]
      let missing = try bench.run(combine)
      #expect(missing.code == 64 && missing.words.contains("--common-init"))
      #expect(try bench.run(combine + ["--common-init", "b.onnx"]).code == 65)
      #expect(!(try bench.names().contains("fused.onnx")))
      try bench.succeed(combine + flags)
      let scores: Scores = try bench.run([
        "evaluate", "fused.onnx", "--data", "data.npz", "--json",
      ]).decoded()
      // The labels are what the start sees, a hundredth of a deviation away; noise at epsilon 20 is
      // as small.
      #expect(scores.models[0].accuracy > 0.8)

      // A session without a start refuses one.
      try bench.succeed(
        bench.signatureArguments("a", ledger: "a.ledger", output: "x.signature")
          + ["--session", "x"])
      let uncalled = try bench.run([
        "release", "weights", "a.onnx", "--signatures", "x.signature", "--ledger", "a.ledger",
        "--output", "x.weights", "--common-init", "start.onnx",
      ])
      #expect(uncalled.code == 65)
    }
  }
}

extension Workbench {
  /// Both rounds of both parties with the same flags; the files of all of them.
  fileprivate func exchange(_ flags: [String]) throws -> [String] {
    for party in ["a", "b"] {
      try succeed(signatureArguments(party, ledger: party + ".ledger") + flags)
    }
    for party in ["a", "b"] {
      try succeed(weightsArguments(party, ledger: party + ".ledger") + flags)
    }
    return ["a.signature", "b.signature", "a.weights", "b.weights"]
  }
}

extension ModelGraph {
  /// With logits that a constant multiplies.
  fileprivate func tempered() throws -> ModelGraph {
    var graph = self
    let last = outputs[0].name
    let index = try #require(nodes.firstIndex { $0.outputs == [last] })
    graph.nodes[index].outputs = ["before"]
    graph.initializers["temperature"] = Tensor(Float(1.25))
    graph.nodes.append(
      .init(
        name: "", operation: "Mul", inputs: ["before", "temperature"], outputs: [last],
        attributes: [:]))
    return graph
  }
}
