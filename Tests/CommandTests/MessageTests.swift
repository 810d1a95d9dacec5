import Foundation
import Models
import Tensors
import Testing

/// Two parties, `a` and `b`, that send each other files.
@Suite struct MessageTests {
  @Test func `messages of all parties are fused, to the same bytes in any order`() throws {
    try Workbench.with { bench in
      let all = try bench.exchange()
      try bench.succeed(["combine"] + all + ["--output", "one.onnx"])
      try bench.succeed(["combine"] + all.reversed() + ["--output", "other.onnx"])
      #expect(try bench.bytes("one.onnx") == bench.bytes("other.onnx"))
      try bench.succeed(["evaluate", "one.onnx", "--data", "data.npz"])
    }
  }

  @Test func `what is combined is as accurate as what is fused in one process`() throws {
    struct Combined: Decodable { let permutationGroups: Int }
    try Workbench.with { bench in
      let run = try bench.run(
        ["combine"] + bench.exchange() + ["--output", "apart.onnx", "--json"])
      #expect(try run.decoded(Combined.self).permutationGroups == 1)
      #expect(try bench.fuse(["--epsilon", "20"]).code == 0)
      let report = try bench.run([
        "evaluate", "apart.onnx", "fused.onnx", "--data", "data.npz", "--json",
      ]).decoded(Scores.self)
      #expect(abs(report.models[0].accuracy - report.models[1].accuracy) < 0.25)
    }
  }

  @Test func `a release asked for again gives the same bytes and spends nothing`() throws {
    try Workbench.with { bench in
      try bench.signature("a")
      let first = try bench.bytes("a.signature")
      let spent = try bench.bytes("a.ledger")
      try bench.signature("a")
      #expect(try bench.bytes("a.signature") == first)
      #expect(try bench.bytes("a.ledger") == spent)
    }
  }

  @Test func `another model under the same ledger and session is refused`() throws {
    try Workbench.with { bench in
      try bench.signature("a")
      let run = try bench.run(bench.signatureArguments("b", ledger: "a.ledger"))
      #expect(run.code == 64)
      #expect(!(try bench.names().contains("b.signature")))
    }
  }

  @Test func `a message that the ledger can't pay whole is refused before anything is drawn`()
    throws
  {
    try Workbench.with { bench in
      try bench.succeed([
        "ledger", "create", "a.ledger", "--model-epsilon", "100", "--model-delta", "0",
      ])
      let before = try bench.bytes("a.ledger")
      let run = try bench.run(bench.signatureArguments("a", ledger: "a.ledger"))
      #expect(run.code == 64)
      #expect(run.words.contains("nothing was spent"))
      #expect(try bench.bytes("a.ledger") == before)
      #expect(!(try bench.names().contains("a.signature")))
    }
  }

  @Test
  func `what no operator needs does not leave, and what could be learnt is not stated unasked`()
    throws
  {
    try Workbench.with { bench in
      var graph = try bench.model("a.onnx")
      graph.initializers["patient.secret"] = try Tensor.normal([2, 3], seed: 1)
      graph.nodes.append(
        .init(
          name: "ward.secret", operation: "Relu", inputs: [graph.inputs[0].name],
          outputs: ["unused.secret"], attributes: [:]))
      try bench.write(graph, to: "dead.onnx")
      try bench.succeed(bench.signatureArguments("dead", ledger: "d.ledger"))
      let message = try bench.bytes("dead.signature")
      #expect(message.range(of: Data("secret".utf8)) == nil)

      let last = graph.outputs[0].name
      let index = try #require(graph.nodes.firstIndex { $0.outputs == [last] })
      graph.nodes[index].outputs = ["before"]
      graph.initializers["temperature"] = Tensor(Float(1.25))
      graph.nodes.append(
        .init(
          name: "", operation: "Mul", inputs: ["before", "temperature"], outputs: [last],
          attributes: [:]))
      try bench.write(graph, to: "told.onnx")
      let run = try bench.run(bench.signatureArguments("told", ledger: "t.ledger"))
      #expect(run.code == 65)
      #expect(run.words.contains("temperature") && run.words.contains("--public-constants"))
      #expect(try bench.names().isDisjoint(with: ["told.signature", "t.ledger"]))
      try bench.succeed(
        bench.signatureArguments("told", ledger: "t.ledger") + ["--public-constants"])
    }
  }

  @Test func `no input is replaced by an output`() throws {
    try Workbench.with { bench in
      _ = try bench.exchange()
      try FileManager.default.createSymbolicLink(
        atPath: bench.folder + "link", withDestinationPath: bench.folder + "a.ledger")
      let before = try bench.contents()
      let all = ["a.signature", "b.signature", "a.weights", "b.weights"]
      for output in ["a.onnx", "probe.npz", "a.ledger", "link"] {
        let run = try bench.run(
          bench.signatureArguments("a", ledger: "a.ledger", output: output))
        #expect(run.code == 64, "\(output)")
      }
      let weights = bench.weightsArguments("a", ledger: "a.ledger").dropLast()
      #expect(try bench.run(weights + ["b.signature"]).code == 64)
      #expect(try bench.run(["combine"] + all + ["--output", "b.weights"]).code == 64)
      #expect(try bench.run(["combine"] + all + ["--output", "."]).code == 73)
      #expect(try bench.contents() == before)
    }
  }

  @Test func `weights of another model than the signature's, or of unlisted senders, are refused`()
    throws
  {
    try Workbench.with { bench in
      for party in ["a", "b"] { try bench.signature(party) }
      let before = try bench.contents()
      var arguments = bench.weightsArguments("a", ledger: "a.ledger")
      arguments[2] = "b.onnx"
      #expect(try bench.run(arguments).code == 64)
      try Data("0000 0000 0000 0000 0000 0000 0000 0000\n".utf8).write(
        to: URL(fileURLWithPath: bench.folder + "signers.txt"))
      let unlisted = try bench.run(
        bench.weightsArguments("a", ledger: "a.ledger") + ["--signers", "signers.txt"])
      #expect(unlisted.code == 65)
      #expect(unlisted.words.contains("does not list"))
      try FileManager.default.removeItem(atPath: bench.folder + "signers.txt")
      #expect(try bench.contents() == before)
    }
  }

  @Test func `a plan sends nothing`() throws {
    try Workbench.with { bench in
      let before = try bench.names()
      try bench.succeed(bench.signatureArguments("a", ledger: "a.ledger") + ["--plan"])
      #expect(try bench.names() == before)
    }
  }

  @Test func `messages that do not belong together are refused by name`() throws {
    try Workbench.with { bench in
      let all = try bench.exchange()
      func refused(_ files: [String], naming name: String) throws {
        let run = try bench.run(["combine"] + files + ["--output", "no.onnx"])
        #expect(run.code == 65)
        #expect(run.words.contains(name))
        #expect(!(try bench.names().contains("no.onnx")))
      }
      var damaged = try bench.bytes("a.weights")
      damaged[damaged.count / 2] ^= 1
      try damaged.write(to: URL(fileURLWithPath: bench.folder + "damaged.weights"))
      try refused(
        ["a.signature", "b.signature", "damaged.weights", "b.weights"], naming: "damaged")
      try damaged.prefix(1000).write(to: URL(fileURLWithPath: bench.folder + "short.weights"))
      try refused(["a.signature", "b.signature", "short.weights", "b.weights"], naming: "short")
      try refused(all + ["a.weights"], naming: "a.weights")
      try refused(["a.signature", "b.signature", "a.weights"], naming: "b.signature")
      try refused(["a.signature", "a.weights", "b.weights"], naming: "b.weights")
      try refused(["a.signature", "a.weights"], naming: "a.weights")
      try bench.succeed(
        bench.signatureArguments("a", ledger: "a2.ledger", output: "stray.signature")
          + ["--session", "another"])
      try refused(all + ["stray.signature"], naming: "stray.signature")
      try bench.write(["x": Tensor.normal([40, 6], seed: 99)], to: "other.npz")
      try refused(all + ["--probe", "other.npz"], naming: "other.npz")
    }
  }

  @Test func `weights need the own signature and the own model`() throws {
    try Workbench.with { bench in
      _ = try bench.exchange()
      try bench.succeed(["ledger", "create", "c.ledger", "--value-epsilon", "20"])
      let stranger = try bench.run(bench.weightsArguments("a", ledger: "c.ledger"))
      #expect(stranger.code == 65)
      try bench.write(hidden: [9], seed: 1, to: "wide.onnx")
      let other = try bench.run(
        ["release", "weights", "wide.onnx", "--signatures", "a.signature", "b.signature"]
          + ["--ledger", "a.ledger", "--output", "no.weights"])
      #expect(other.code == 65)
      #expect(!(try bench.names().contains("no.weights")))
    }
  }

  private struct Scores: Decodable {
    struct Model: Decodable { let accuracy: Double }
    let models: [Model]
  }
}

extension Workbench {
  func succeed(_ arguments: [String]) throws {
    let run = try run(arguments)
    try #require(run.code == 0, "\(arguments.joined(separator: " ")): \(run.words)")
  }

  func signatureArguments(_ party: String, ledger: String, output: String? = nil) -> [String] {
    [
      "release", "signature", party + ".onnx", "--probe", "probe.npz", "--epsilon", "20",
      "--ledger", ledger, "--output", output ?? party + ".signature",
    ]
  }

  func weightsArguments(_ party: String, ledger: String) -> [String] {
    [
      "release", "weights", party + ".onnx", "--signatures", "a.signature", "b.signature",
      "--ledger", ledger, "--output", party + ".weights",
    ]
  }

  /// What all files hold.
  func contents() throws -> [String: Data] {
    try names().reduce(into: [:]) { $0[$1] = try bytes($1) }
  }

  func signature(_ party: String) throws {
    try succeed(signatureArguments(party, ledger: party + ".ledger"))
  }

  /// Both rounds of both parties; the files of all of them.
  func exchange() throws -> [String] {
    for party in ["a", "b"] { try signature(party) }
    for party in ["a", "b"] { try succeed(weightsArguments(party, ledger: party + ".ledger")) }
    return ["a.signature", "b.signature", "a.weights", "b.weights"]
  }
}
