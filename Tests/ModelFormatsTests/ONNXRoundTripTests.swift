import Foundation
import ModelFormats
import Models
import Tensors
import Testing

@Suite struct ONNXRoundTripTests {
  /// A layer with a tensor of every element type and an attribute of every kind.
  static func sample() throws -> ModelGraph {
    var initializers: [String: Tensor] = [
      "weight": try Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [3, 2]),
      "scalar": Tensor(Float(7)),
      "empty": try Tensor([Int64](), shape: [0, 3]),
    ]
    for type in ElementType.allCases {
      initializers["all \(type)"] = try Tensor([0, 1, 1] as [Float], shape: [3]).cast(to: type)
    }
    return ModelGraph(
      name: "sample", operatorSet: 17,
      nodes: [
        .init(
          name: "product", operation: "Gemm", inputs: ["x", "weight", ""], outputs: ["y"],
          attributes: [
            "alpha": .float(0.5), "transB": .int(1), "text": .string("é"),
            "ints": .ints([1, -2]), "floats": .floats([0.25]), "strings": .strings(["a", ""]),
            "tensor": .tensor(Tensor(Int64(-3))),
          ])
      ],
      initializers: initializers,
      inputs: [.init(name: "x", type: .float32, shape: [nil, 2])],
      outputs: [.init(name: "y", type: .float32, shape: [nil, 3])])
  }

  @Test func `a graph that is written and read is the same graph`() throws {
    try withTemporaryFolder { folder in
      let graph = try Self.sample()
      try ONNXModel(graph: graph, producer: "test").write(to: folder + "m.onnx")
      let model = try ONNXModel(contentsOf: folder + "m.onnx")
      let read = model.graph
      #expect(model.producer == "test")
      #expect(read.name == graph.name && read.operatorSet == 17)
      #expect(read.inputs == graph.inputs && read.outputs == graph.outputs)
      #expect(read.initializers.keys.sorted() == graph.initializers.keys.sorted())
      for (name, tensor) in graph.initializers {
        #expect(try read.initializers[name]?.isIdentical(to: tensor) == true, "\(name)")
      }
      let node = try #require(read.nodes.first)
      #expect(node.inputs == ["x", "weight", ""] && node.outputs == ["y"])
      #expect("\(node.attributes.count)" == "7")
      guard case .string("é") = node.attributes["text"], case .int(1) = node.attributes["transB"],
        case .ints([1, -2]) = node.attributes["ints"],
        case .floats([0.25]) = node.attributes["floats"],
        case .strings(["a", ""]) = node.attributes["strings"],
        case .float(0.5) = node.attributes["alpha"],
        case .tensor(let tensor) = node.attributes["tensor"]
      else {
        Issue.record("an attribute changed: \(node.attributes)")
        return
      }
      #expect(try tensor.isIdentical(to: Tensor(Int64(-3))))
    }
  }

  @Test func `writing keeps everything but the weights and notes that are replaced`() throws {
    try withTemporaryFolder { folder in
      let weight = try Tensor([6, 5, 4, 3, 2, 1] as [Float], shape: [3, 2])
      let model = try ONNXModel(graph: Self.sample(), producer: "test")
      try model.write(
        to: folder + "m.onnx", replacing: ["weight": weight], metadata: ["a": "1", "b": "2"])
      let first = try ONNXModel(contentsOf: folder + "m.onnx")
      #expect(try first.graph.initializers["weight"]?.isIdentical(to: weight) == true)
      #expect(first.metadata == ["a": "1", "b": "2"])
      try first.write(to: folder + "m.onnx", metadata: ["b": "3"])
      #expect(try ONNXModel(contentsOf: folder + "m.onnx").metadata == ["a": "1", "b": "3"])
    }
  }

  @Test func `a replacement of another name, shape or type is refused`() throws {
    try withTemporaryFolder { folder in
      let model = try ONNXModel(graph: Self.sample(), producer: "test")
      let wrong: [(String, Tensor)] = [
        ("nothing", Tensor(Float(0))),
        ("weight", try Tensor.zeros([2, 3])),
        // Real numbers are rounded to the type that the file has; integers are none.
        ("weight", try Tensor.zeros([3, 2], type: .int64)),
      ]
      for (name, tensor) in wrong {
        #expect(throws: ModelFormatError.self) {
          try model.write(to: folder + "m.onnx", replacing: [name: tensor])
        }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }
  }

  @Test func `weights of a model over the limit go to a file beside it`() throws {
    try withTemporaryFolder { folder in
      let graph = try Self.sample()
      try ONNXModel(graph: graph, producer: "test").write(
        to: folder + "m.onnx", replacing: [:], metadata: [:], inlineLimit: 100)
      #expect(FileManager.default.fileExists(atPath: folder + "m.onnx.data"))
      let read = try ONNXModel(contentsOf: folder + "m.onnx").graph
      for (name, tensor) in graph.initializers {
        #expect(try read.initializers[name]?.isIdentical(to: tensor) == true, "\(name)")
      }
    }
  }

  @Test func `weights that are not numbers are named`() throws {
    var graph = try Self.sample()
    try ONNXModel(graph: graph, producer: "test").validateFinite()
    graph.initializers["weight"] = try Tensor([1, 2, .nan, 4, 5, 6] as [Float], shape: [3, 2])
    let model = try ONNXModel(graph: graph, producer: "test")
    #expect(throws: ModelFormatError.notFinite(path: "model", tensor: "weight")) {
      try model.validateFinite()
    }
  }

  @Test func `every truncation of a written model is an error`() throws {
    try withTemporaryFolder { folder in
      try ONNXModel(graph: Self.sample(), producer: "test").write(to: folder + "m.onnx")
      let whole = try Data(file: folder + "m.onnx")
      for length in 0..<whole.count {
        try whole.prefix(length).write(file: folder + "cut.onnx")
        #expect(throws: ModelFormatError.self, "\(length) bytes") {
          try ONNXModel(contentsOf: folder + "cut.onnx")
        }
      }
    }
  }
}
