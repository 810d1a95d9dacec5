import Foundation
import Models
import Tensors
import Testing

/// `features --backbone`, from outside.
@Suite struct BackboneTests {
  private struct Result: Decodable {
    let output: String
    let sha256: String
    let kind: String
    let probes: Int
    let dimension: Int
  }

  private func arguments(_ output: String, at tensor: String) -> [String] {
    [
      "features", "--probe", "probe.npz", "--backbone", "net.onnx", "--at", tensor, "--output",
      output, "--dimension", "5", "--json",
    ]
  }

  @Test func `features are taken from an inner tensor of a public network`() throws {
    try Workbench.with { bench in
      let net = try bench.write(hidden: [8, 7], seed: 5, to: "net.onnx")
      let inner = try #require(net.nodes[3].outputs.first)
      let run = try bench.run(arguments("trunk.onnx", at: inner))
      try #require(run.code == 0, "\(run.words)")
      let result = try run.decoded(Result.self)
      #expect(result.output == "trunk.onnx" && result.probes == 40 && result.dimension == 5)
      #expect(result.kind == "'\(inner)' in net.onnx")

      // Up to the tensor the trunk is the backbone; what follows it there is not in it.
      let trunk = try bench.model("trunk.onnx")
      #expect(trunk.outputs.map(\.shape) == [[nil, 5]])
      #expect(trunk.initializers["fc3.weight"] == nil)
      for name in ["fc1.weight", "fc2.weight"] {
        let weight = try #require(trunk.initializers[name])
        #expect(try weight.isIdentical(to: #require(net.initializers[name])))
      }

      let again = try bench.run(arguments("again.onnx", at: inner)).decoded(Result.self)
      #expect(again.sha256 == result.sha256)
    }
  }

  @Test func `a backbone that does not fit is refused and nothing is written`() throws {
    try Workbench.with { bench in
      let net = try bench.write(hidden: [8, 7], seed: 5, to: "net.onnx")
      let inner = try #require(net.nodes[1].outputs.first)
      let unknown = try bench.run(arguments("trunk.onnx", at: "nothing"))
      #expect(unknown.code == 65)
      #expect(unknown.words.contains("nothing") && unknown.words.contains(inner))
      var half = arguments("trunk.onnx", at: inner)
      half.removeSubrange(5...6)
      #expect(try bench.run(half).code == 64)
      // Six columns are wanted.
      try bench.write(["x": Tensor.normal([40, 7], seed: 3)], to: "probe.npz")
      #expect(try bench.run(arguments("trunk.onnx", at: inner)).code == 65)
      #expect(!(try bench.names().contains("trunk.onnx")))

      // What private records taught is no public network.
      try bench.succeed([
        "train", "net.onnx", "--data", "data.npz", "--epochs", "1", "--seed", "1", "--output",
        "taught.onnx",
      ])
      try bench.bytes("taught.onnx").write(to: URL(fileURLWithPath: bench.folder + "net.onnx"))
      let taught = try bench.run(arguments("trunk.onnx", at: inner))
      #expect(taught.code == 65 && taught.words.contains("without privacy"))
      #expect(!(try bench.names().contains("trunk.onnx")))
    }
  }
}
