import Foundation
import ModelFormats
import Models
import Tensors
import Testing

@Suite struct FixtureTests {
  @Test func `there are fixtures of both exporters`() {
    #expect(Fixtures.models.count >= 30)
    #expect(Fixtures.models.contains { $0.contains("dynamo") })
    #expect(Fixtures.models.contains { $0.contains("legacy") })
  }

  @Test(arguments: Fixtures.models)
  func `a model reads, and reads the same when it is written again`(name: String) throws {
    try withTemporaryFolder { folder in
      let model = try ONNXModel(contentsOf: Fixtures.path("\(name).onnx"))
      try model.validateFinite()
      try model.write(to: folder + "m.onnx")
      let again = try ONNXModel(contentsOf: folder + "m.onnx")
      #expect(again.graph.nodes.map(\.operation) == model.graph.nodes.map(\.operation))
      #expect(again.graph.inputs == model.graph.inputs)
      #expect(again.graph.outputs == model.graph.outputs)
      #expect(again.producer == model.producer)
      #expect(again.graph.initializers.count == model.graph.initializers.count)
      for (name, tensor) in model.graph.initializers {
        #expect(try again.graph.initializers[name]?.isIdentical(to: tensor) == true, "\(name)")
      }
      // The second writing has nothing left to change.
      try again.write(to: folder + "n.onnx")
      #expect(
        try FileDigest(contentsOf: folder + "m.onnx") == FileDigest(contentsOf: folder + "n.onnx"))
    }
  }

  @Test(arguments: Fixtures.models)
  func `inputs and outputs are recorded for every model`(name: String) throws {
    let graph = try ONNXModel(contentsOf: Fixtures.path("\(name).onnx")).graph
    let recorded = try ArrayArchive(contentsOf: Fixtures.path("\(name).npz"))
    for (prefix, ports) in [("input.", graph.inputs), ("output.", graph.outputs)] {
      for port in ports {
        let tensor = try #require(recorded[prefix + port.name])
        #expect(tensor.elementType == port.type)
        #expect(tensor.rank == port.shape.count)
        for (size, declared) in zip(tensor.shape, port.shape) where declared != nil {
          #expect(size == declared)
        }
      }
    }
  }

  @Test func `typed fields hold what NumPy says`() throws {
    let model = try ONNXModel(contentsOf: Fixtures.path("typed-helper-11.onnx"))
    let values = try ArrayArchive(contentsOf: Fixtures.path("typed-helper-11.values.npz"))
    // Initializers that are listed as inputs are not asked of a caller.
    #expect(model.graph.inputs.map(\.name) == ["x"])
    #expect(values.names.count == 9)
    for name in values.names {
      let expected = try #require(values[name])
      #expect(try model.graph.initializers[name]?.isIdentical(to: expected) == true, "\(name)")
    }
  }

  @Test func `local functions are inlined with their arguments`() throws {
    let graph = try ONNXModel(contentsOf: Fixtures.path("functions-helper-17.onnx")).graph
    #expect(graph.nodes.map(\.operation) == ["Gemm", "LeakyRelu", "Gemm", "LeakyRelu"])
    let slopes = graph.nodes.compactMap { node -> Double? in
      guard case .float(let slope) = node.attributes["alpha"] else { return nil }
      return slope
    }
    #expect(slopes == [Double(Float(0.1)), Double(Float(0.2))])
    #expect(graph.nodes[3].outputs == ["y"])
  }

  @Test func `weights beside a model are read, and needed`() throws {
    try withTemporaryFolder { folder in
      let name = "mlp-dynamo-21-external.onnx"
      let model = try ONNXModel(contentsOf: Fixtures.path(name))
      #expect(model.graph.initializers.values.contains { $0.shape == [24, 784] })
      try Data(file: Fixtures.path(name)).write(file: folder + name)
      #expect(throws: ModelFormatError.self) { try ONNXModel(contentsOf: folder + name) }
      let weights = try Data(file: Fixtures.path(name + ".data"))
      try weights.dropLast(5000).write(file: folder + name + ".data")
      #expect(throws: ModelFormatError.self) { try ONNXModel(contentsOf: folder + name) }
      try weights.write(file: folder + name + ".data")
      _ = try ONNXModel(contentsOf: folder + name)
    }
  }

  /// The last field of this file is the operator set, which a model can't do without.
  @Test func `every truncation of an exported model is an error`() throws {
    try withTemporaryFolder { folder in
      let whole = try Data(file: Fixtures.path("typed-helper-11.onnx"))
      for length in 0..<whole.count {
        try whole.prefix(length).write(file: folder + "cut.onnx")
        #expect(throws: ModelFormatError.self, "\(length) bytes") {
          try ONNXModel(contentsOf: folder + "cut.onnx")
        }
      }
    }
  }
}
