import Foundation
import ModelFormats
import Models
import Tensors
import Testing

/// What files hold that exporters other than PyTorch's, or old ones, have written.
@Suite struct WildFileTests {
  private typealias Message = ProtocolMessage

  private func read(_ message: ProtocolMessage) throws -> ONNXModel {
    try withTemporaryFolder { folder in
      try Data(message.bytes).write(file: folder + "m.onnx")
      return try ONNXModel(contentsOf: folder + "m.onnx")
    }
  }

  private func constant(_ name: String, _ tensor: ProtocolMessage) -> ProtocolMessage {
    let attribute = Message().with(1, "value").with(20, 4).with(5, tensor)
    return Message().with(2, name).with(4, "Constant").with(5, attribute)
  }

  private func floats(_ values: [Float]) -> ProtocolMessage {
    let bytes = values.flatMap { value in withUnsafeBytes(of: value.bitPattern) { Array($0) } }
    return Message().with(1, values.count).with(2, 1).with(9, bytes)
  }

  private func add(_ a: String, _ b: String, _ sum: String) -> ProtocolMessage {
    Message().with(1, a).with(1, b).with(2, sum).with(4, "Add")
  }

  @Test func `weights that are stored as constants are parameters, and are written back`() throws {
    let graph = Message().with(1, constant("v", floats([1, 2]))).with(1, add("x", "v", "y"))
      .with(2, "g").with(11, Message.port("x")).with(12, Message.port("y"))
    let model = try read(.model(graph))
    #expect(model.graph.parameterNames == ["v"])
    #expect(model.graph.nodes.map(\.operation) == ["Add"])
    try withTemporaryFolder { folder in
      let other = try Tensor([3, 4] as [Float], shape: [2])
      try model.write(to: folder + "n.onnx", replacing: ["v": other])
      let again = try ONNXModel(contentsOf: folder + "n.onnx")
      #expect(try again.graph.initializers["v"]?.isIdentical(to: other) == true)
    }
  }

  @Test func `scales that an operator is set by stay constants`() throws {
    let resize = Message().with(1, "x").with(1, "").with(1, "s").with(2, "y").with(4, "Resize")
    let graph = Message().with(1, constant("s", floats([1, 2]))).with(1, resize)
      .with(2, "g").with(11, Message.port("x")).with(12, Message.port("y"))
    let model = try read(.model(graph))
    #expect(model.graph.nodes.map(\.operation) == ["Constant", "Resize"])
    #expect(model.graph.parameterNames.isEmpty)
  }

  @Test func `a size of -1 is free, other negative sizes are refused`() throws {
    func port(_ size: Int) -> ProtocolMessage {
      let shape = Message().with(1, Message().with(1, size))
      return Message().with(1, "x")
        .with(2, Message().with(1, Message().with(1, 1).with(2, shape)))
    }
    func graph(_ size: Int) -> ProtocolMessage {
      Message().with(1, Message.addition()).with(2, "g").with(5, Message.weight())
        .with(11, port(size)).with(12, Message.port("y"))
    }
    #expect(try read(.model(graph(-1))).graph.inputs[0].shape == [nil])
    #expect(throws: ModelFormatError.self) { try read(.model(graph(-2))) }
  }

  @Test func `an infinite mask is a constant, a weight that is infinite is refused`() throws {
    func graph(_ nodes: [ProtocolMessage], _ values: [Float]) -> ProtocolMessage {
      nodes.reduce(Message()) { $0.with(1, $1) }.with(2, "g").with(5, floats(values).with(8, "w"))
        .with(11, Message.port("x")).with(12, Message.port("y"))
    }
    func softmax() -> ProtocolMessage { Message().with(1, "s").with(2, "y").with(4, "Softmax") }
    let masked = try read(.model(graph([add("x", "w", "s"), softmax()], [0, -.infinity])))
    #expect(masked.graph.constantNames == ["w"])
    #expect(masked.graph.parameterNames.isEmpty)
    try masked.validateFinite()
    for (operation, places) in [
      ("MatMul", ["x", "w"]), ("Gather", ["w", "x"]), ("Add", ["x", "w"]),
    ] {
      let product = places.reduce(Message()) { $0.with(1, $1) }.with(2, "y").with(4, operation)
      let broken = try read(.model(graph([product], [0, -.infinity])))
      #expect(broken.graph.parameterNames == ["w"])
      #expect(throws: ModelFormatError.self) { try broken.validateFinite() }
    }
    let unknown = try read(.model(graph([add("x", "w", "s"), softmax()], [0, .nan])))
    #expect(throws: ModelFormatError.self) { try unknown.validateFinite() }
  }

  /// If `c`, y = x + w + 1, else y = x + x; both call their sum `s`.
  private func choice() -> ProtocolMessage {
    let then = Message().with(1, constant("one", floats([1, 1]))).with(1, add("x", "w", "s"))
      .with(1, add("s", "one", "t")).with(2, "then").with(12, Message.port("t"))
    let other = Message().with(1, add("x", "x", "s")).with(2, "else").with(12, Message.port("s"))
    let node = Message().with(1, "c").with(2, "y").with(4, "If")
      .with(5, Message().with(1, "then_branch").with(20, 5).with(6, then))
      .with(5, Message().with(1, "else_branch").with(20, 5).with(6, other))
    return Message().with(1, node).with(2, "g").with(5, Message.weight())
      .with(11, Message.port("x")).with(11, Message.port("c", type: 9)).with(12, Message.port("y"))
  }

  @Test func `branches are read with what they see of the network around them`() throws {
    let graph = try read(.model(choice())).graph
    #expect(graph.nodes.map(\.inputs) == [["c", "x", "w"]])
    #expect(throws: ModelError.self) { try ForwardPass(graph) }
    let x = try Tensor([5, 7] as [Float], shape: [2])
    for (condition, operations, result) in [
      (true, ["Add", "Add", "Identity"], [6, 8] as [Float]),
      (false, ["Add", "Identity"], [10, 14]),
    ] {
      let inputs = ["x": x, "c": try Tensor.full([2], condition ? 1 : 0).cast(to: .bool)]
      #expect(throws: ModelError.self) { try graph.takingBranches(of: inputs) }
      let single = ["x": x, "c": try Tensor.full([1], condition ? 1 : 0).cast(to: .bool)]
      let taken = try graph.takingBranches(of: single)
      #expect(taken.nodes.map(\.operation) == operations)
      let values = try ForwardPass(taken).values(single)
      #expect(try values["y"]?.elements() == result)
    }
  }

  @Test func `branches too deep inside one another are refused`() throws {
    var inner = Message().with(1, add("x", "x", "s")).with(2, "b").with(12, Message.port("s"))
    var node = Message()
    for _ in 0..<40 {
      node = Message().with(1, "c").with(2, "s").with(4, "If")
        .with(5, Message().with(1, "then_branch").with(20, 5).with(6, inner))
        .with(
          5,
          Message().with(1, "else_branch").with(20, 5).with(
            6,
            inner.bytes.count < 4096
              ? inner
              : Message().with(1, add("x", "x", "s")).with(2, "b").with(12, Message.port("s"))))
      inner = Message().with(1, node).with(2, "b").with(12, Message.port("s"))
    }
    let graph = Message().with(1, node).with(1, add("s", "x", "y")).with(2, "g")
      .with(11, Message.port("x")).with(11, Message.port("c", type: 9)).with(12, Message.port("y"))
    #expect(throws: ModelFormatError.self) { try read(.model(graph)) }
  }
}
