import Foundation
import ModelFormats
import Tensors
import Testing

/// Files that no exporter would write.
@Suite struct HostileONNXTests {
  private typealias Message = ProtocolMessage

  private func error(_ message: ProtocolMessage) throws -> ModelFormatError? {
    try withTemporaryFolder { folder in
      try Data(message.bytes).write(file: folder + "m.onnx")
      do {
        _ = try ONNXModel(contentsOf: folder + "m.onnx")
        return nil
      } catch let error as ModelFormatError {
        #expect("\(error)".contains("m.onnx"))
        return error
      }
    }
  }

  @Test func `the model that the others are made from is valid`() throws {
    #expect(try error(.model(.graph())) == nil)
  }

  @Test func `a tensor whose bytes are not its shape's is an error`() throws {
    for dims in [[3], [], [1 << 40], [0], [-2], [1 << 62, 1 << 62], [Int.max, 2], [-1, -2]]
      + [Array(repeating: 1, count: 100) + [2], [0, 1 << 62, 1 << 62]]
    {
      #expect(try error(.model(.graph(initializer: .weight(dims: dims)))) != nil, "\(dims)")
    }
    for raw in [0, 7, 9] {
      let found = try error(.model(.graph(initializer: .weight(raw: raw))))
      guard case .tensorSize(_, "w", [2], 8, raw) = found else {
        Issue.record("\(raw) bytes: \(String(describing: found))")
        continue
      }
    }
    // No elements at all, then one in the typed field of another type.
    #expect(try error(.model(.graph(initializer: .weight(raw: nil)))) != nil)
    #expect(try error(.model(.graph(initializer: .weight(raw: nil).with(7, 1).with(7, 1)))) != nil)
  }

  @Test func `elements out of their type's range are an error`() throws {
    for (type, value) in [(2, 256), (2, -1), (3, 128), (5, 40_000), (10, 65_536)] {
      let tensor = Message.weight(dims: [1], type: type, raw: nil).with(5, value)
      #expect(try error(.model(.graph(initializer: tensor))) != nil, "\(type)")
    }
  }

  @Test func `element types that the engine lacks are refused by name`() throws {
    for type in [0, 4, 8, 12, 13, 14, 15, 17, 21, 23, 99] {
      let found = try error(.model(.graph(initializer: .weight(type: type))))
      guard case .unsupported(_, let feature, _) = found else {
        Issue.record("type \(type): \(String(describing: found))")
        continue
      }
      #expect(feature.contains("'w'"))
    }
  }

  @Test func `operators of other domains are refused by name`() throws {
    for domain in ["ai.onnx.ml", "com.microsoft"] {
      let found = try error(.model(.graph(node: .addition().with(7, domain))))
      guard case .unsupported(_, let feature, _) = found else {
        Issue.record("\(String(describing: found))")
        continue
      }
      #expect(feature.contains(domain) && feature.contains("Add"))
    }
    #expect(try error(.model(.graph(node: .addition().with(7, "ai.onnx")))) == nil)
  }

  @Test func `operator sets outside 11 to 21 are refused`() throws {
    for version in [1, 10, 22, -1] {
      guard case .unsupported = try error(.model(.graph(), operatorSet: version)) else {
        Issue.record("operator set \(version) was read")
        continue
      }
    }
    #expect(try error(Message().with(1, 8).with(7, Message.graph())) != nil)
  }

  @Test func `a subgraph, a sparse weight and an attribute without a type are refused`() throws {
    let subgraph = Message().with(1, "body").with(20, 5).with(6, Message.graph())
    let untyped = Message().with(1, "axis").with(3, 1)
    for attribute in [subgraph, untyped] {
      #expect(try error(.model(.graph(node: .addition().with(5, attribute)))) != nil)
    }
    let sparse = Message.graph().with(15, Message().with(1, Message.weight()))
    guard case .unsupported = try error(.model(sparse)) else {
      Issue.record("a sparse initializer was read")
      return
    }
  }

  @Test func `values must be made once, and before they are read`() throws {
    let unknown = Message().with(1, "x").with(1, "nothing").with(2, "y").with(4, "Add")
    #expect(try error(.model(.graph(node: unknown))) != nil)
    #expect(try error(.model(.graph().with(1, Message.addition()))) != nil)
    #expect(try error(.model(.graph().with(5, Message.weight()))) != nil)
    #expect(try error(.model(.graph().with(11, Message.port("x")))) != nil)
    #expect(try error(.model(.graph().with(12, Message.port("z")))) != nil)
    #expect(try error(.model(Message())) != nil)
  }

  @Test func `text that is not UTF-8 is an error`() throws {
    #expect(try error(.model(.graph().with(10, [0xff, 0xfe]))) != nil)
    let attribute = Message().with(1, "mode").with(20, 3).with(4, [0xff, 0xfe])
    #expect(try error(.model(.graph(node: .addition().with(5, attribute)))) != nil)
  }

  @Test func `weights outside of the model's folder or file are refused`() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        atPath: folder + "models", withIntermediateDirectories: true)
      try Data(count: 8).write(file: folder + "secret")
      try Data(count: 8).write(file: folder + "models/weights")
      func read(_ tensor: ProtocolMessage) throws {
        try Data(Message.model(.graph(initializer: tensor)).bytes).write(
          file: folder + "models/m.onnx")
        _ = try ONNXModel(contentsOf: folder + "models/m.onnx")
      }
      try read(.external(location: "weights"))
      try read(.external(location: "./weights", offset: "0", length: "8"))
      for location in ["../secret", folder + "secret", "a/../../secret", "", "nothing", "..", "."] {
        #expect(throws: ModelFormatError.self, "\(location)") {
          try read(.external(location: location))
        }
      }
      for (offset, length) in [
        ("1", nil), ("0", "9"), ("8", "8"), ("9", "0"), ("-8", "8"), ("0", "-1"), ("x", nil),
        ("9223372036854775807", "8"), ("0", "9223372036854775807"), ("0", "4"),
      ] as [(String, String?)] {
        #expect(throws: ModelFormatError.self, "\(offset) \(length ?? "")") {
          try read(.external(location: "weights", offset: offset, length: length))
        }
      }
    }
  }

  @Test func `functions that multiply or call themselves are refused`() throws {
    func function(_ name: String, calling inner: String) -> ProtocolMessage {
      let call = Message().with(1, "a").with(2, "b").with(4, inner).with(7, "f")
      let second = Message().with(1, "a").with(2, "c").with(4, inner).with(7, "f")
      return Message().with(1, name).with(4, "a").with(5, "b").with(7, call).with(7, second)
        .with(10, "f")
    }
    let call = Message().with(1, "x").with(2, "y").with(4, "f0").with(7, "f")
    let chain = (0..<40).reduce(Message.model(.graph(node: call))) {
      $0.with(25, function("f\($1)", calling: "f\($1 + 1)"))
    }
    #expect(try error(chain) != nil)
    #expect(
      try error(Message.model(.graph(node: call)).with(25, function("f0", calling: "f0"))) != nil)
    let doubling = (0..<28).reduce(Message.model(.graph(node: call))) {
      $0.with(25, function("f\($1)", calling: $1 == 27 ? "Relu" : "f\($1 + 1)"))
    }
    #expect(try error(doubling) != nil)
  }

  @Test func `a message nested without end is an error`() throws {
    var graph = Message.graph()
    for _ in 0..<2000 {
      graph = Message().with(1, Message().with(5, Message().with(6, graph)))
    }
    #expect(try error(.model(graph)) != nil)
  }

  /// Seed 11; nothing is expected of the outcome except that there is one.
  @Test func `random changes of a model never crash the reader`() throws {
    try withTemporaryFolder { folder in
      let whole = Message.model(.graph()).bytes
      var state: UInt64 = 11
      func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
      }
      for _ in 0..<3000 {
        var bytes = whole
        for _ in 0...next(4) { bytes[next(bytes.count)] = UInt8(next(256)) }
        try Data(bytes).write(file: folder + "m.onnx")
        do {
          _ = try ONNXModel(contentsOf: folder + "m.onnx")
        } catch is ModelFormatError {}
      }
    }
  }
}
