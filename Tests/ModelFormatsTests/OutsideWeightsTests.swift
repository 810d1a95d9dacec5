import Foundation
import ModelFormats
import Models
import Tensors
import Testing

/// Graphs whose weights lie in other files.
@Suite struct OutsideWeightsTests {
  private typealias Message = ProtocolMessage

  /// Tolerance: 1e-5 of outputs near 1, far above what the order of additions changes.
  @Test(arguments: ["linear-inputs", "linear-renamed"])
  func `an export without weights computes what PyTorch does`(name: String) throws {
    let data = try ArrayArchive(contentsOf: Fixtures.path("Weights/linear.npz"))
    let (x, y) = (try #require(data["x"]), try #require(data["y"]))
    for file in ["linear.safetensors", "linear.safetensors.index.json"] {
      let weights = try WeightFiles(contentsOf: Fixtures.path("Weights/\(file)"))
      let model = try ONNXModel(contentsOf: Fixtures.path("Weights/\(name).onnx"), weights: weights)
      #expect(model.graph.inputs.map(\.name) == ["x"])
      let made = try #require(try ForwardPass(model.graph).values(["x": x])["y"])
      #expect(try made.subtracting(y).largestMagnitude() < 1e-5)
      try withTemporaryFolder { folder in
        try model.write(to: folder + "whole.onnx")
        let whole = try ONNXModel(contentsOf: folder + "whole.onnx").graph
        #expect(whole.inputs.map(\.name) == ["x"])
        let again = try #require(try ForwardPass(whole).values(["x": x])["y"])
        // A transposed weight is written in another order, in which products are summed otherwise.
        #expect(try again.subtracting(made).largestMagnitude() < 1e-6)
      }
    }
  }

  @Test func `a graph without its weights is an error`() throws {
    #expect(throws: ModelFormatError.self) {
      _ = try ONNXModel(contentsOf: Fixtures.path("Weights/linear-renamed.onnx"))
    }
  }

  /// A file of float32 tensors of these shapes.
  private func weights(_ shapes: [String: [Int]], _ type: ElementType = .float32, _ folder: String)
    throws -> WeightFiles
  {
    let outlines = shapes.map { SafetensorsFile.Outline(name: $0.key, type: type, shape: $0.value) }
    try SafetensorsFile.write(to: folder + "w.safetensors", outlines) {
      try Tensor.full(shapes[$0] ?? [], 0.5).cast(to: type)
    }
    return try WeightFiles(contentsOf: folder + "w.safetensors")
  }

  /// What reading the graph with these tensors says is wrong.
  private func problem(
    _ shapes: [String: [Int]], type: ElementType = .float32,
    graph: String = Fixtures.path("Weights/linear-renamed.onnx")
  ) throws -> String? {
    try withTemporaryFolder { folder in
      do {
        _ = try ONNXModel(contentsOf: graph, weights: weights(shapes, type, folder))
        return nil
      } catch ModelFormatError.weights(_, let problem) {
        return problem
      }
    }
  }

  private let whole = [
    "body.0.weight": [10, 6], "body.0.bias": [10], "body.2.weight": [4, 10], "body.2.bias": [4],
  ]

  @Test func `names and shapes that are not the graph's are told`() throws {
    #expect(try problem(whole) == nil)
    let missing = try #require(try problem(whole.filter { $0.key != "body.2.weight" }))
    #expect(missing.contains("onnx::MatMul_13") && missing.contains("lacks 1 "))
    let more = whole.merging((0..<7).map { ("extra\($0)", [1]) }) { $1 }
    let unexpected = try #require(try problem(more))
    #expect(unexpected.contains("'extra0'") && unexpected.contains("and 2 more"))
    let transposed = try #require(try problem(whole.merging(["body.0.weight": [6, 10]]) { $1 }))
    #expect(transposed.contains("transposed") && transposed.contains("[6, 10]"))
    #expect(try problem(whole.merging(["body.0.bias": [9]]) { $1 }) != nil)
    #expect(try problem([:]) != nil)
  }

  @Test func `half precision is widened to what the graph declares, and nothing is narrowed`()
    throws
  {
    #expect(try problem(whole, type: .float16) == nil)
    #expect(try problem(whole, type: .bfloat16) == nil)
    #expect(try problem(whole, type: .float64) != nil)
  }

  @Test func `counters of whole numbers may be left over`() throws {
    try withTemporaryFolder { folder in
      let outlines =
        whole.map { SafetensorsFile.Outline(name: $0.key, type: .float32, shape: $0.value) }
        + [SafetensorsFile.Outline(name: "num_batches_tracked", type: .int64, shape: [])]
      try SafetensorsFile.write(to: folder + "w.safetensors", outlines) { name in
        try whole[name].map { try Tensor.zeros($0) } ?? Tensor(Int64(3))
      }
      _ = try ONNXModel(
        contentsOf: Fixtures.path("Weights/linear-renamed.onnx"),
        weights: WeightFiles(contentsOf: folder + "w.safetensors"))
    }
  }

  @Test func `external tensors that overlap are refused, and shared ones are one weight`() throws {
    try withTemporaryFolder { folder in
      try Data(count: 64).write(file: folder + "weights")
      func read(_ ranges: [(Int, Int)]) throws {
        var graph = Message().with(1, Message.addition())
        for (index, range) in ranges.enumerated() {
          var tensor = Message().with(1, range.1 / 4).with(2, 1)
            .with(8, index == 0 ? "w" : "w\(index)").with(14, 1)
          for (key, value) in [("location", "weights"), ("offset", "\(range.0)")]
            + [("length", "\(range.1)")]
          {
            tensor = tensor.with(13, Message().with(1, key).with(2, value))
          }
          graph = graph.with(5, tensor)
        }
        graph = graph.with(11, Message.port("x")).with(12, Message.port("y"))
        try Data(Message.model(graph).bytes).write(file: folder + "m.onnx")
        _ = try ONNXModel(contentsOf: folder + "m.onnx")
      }
      try read([(0, 8), (8, 16), (24, 8)])
      try read([(0, 8), (0, 8), (8, 8)])
      for ranges in [[(0, 8), (4, 8)], [(0, 16), (4, 4)], [(8, 16), (0, 12)]] {
        #expect(throws: ModelFormatError.self, "\(ranges)") { try read(ranges) }
      }
    }
  }

  @Test func `a link out of the model's folder is refused`() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        atPath: folder + "models", withIntermediateDirectories: true)
      try Data(count: 8).write(file: folder + "secret")
      try Data(count: 8).write(file: folder + "models/weights")
      let models = folder + "models/"
      try FileManager.default.createSymbolicLink(
        atPath: models + "out", withDestinationPath: "../secret")
      try FileManager.default.createSymbolicLink(
        atPath: models + "far", withDestinationPath: "/etc/passwd")
      try FileManager.default.createSymbolicLink(
        atPath: models + "folder", withDestinationPath: "..")
      try FileManager.default.createSymbolicLink(
        atPath: models + "inside", withDestinationPath: "weights")
      func read(_ location: String) throws {
        let tensor = Message.external(location: location)
        try Data(Message.model(.graph(initializer: tensor)).bytes).write(file: models + "m.onnx")
        _ = try ONNXModel(contentsOf: models + "m.onnx")
      }
      try read("inside")
      for location in ["out", "far", "folder/secret", "../../etc/passwd", "/etc/passwd"] {
        #expect(throws: ModelFormatError.self, "\(location)") { try read(location) }
      }
    }
  }
}
