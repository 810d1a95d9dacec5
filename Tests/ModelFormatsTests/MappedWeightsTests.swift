import Foundation
import ModelFormats
import Models
import Tensors
import Testing

/// Weights that stay in their file.
@Suite struct MappedWeightsTests {
  private typealias Message = ProtocolMessage

  /// Enough that the bytes are not copied: 300 floats.
  private static let values = (0..<300).map { Float($0) * 0.25 - 7 }

  private static func weight(named name: String = "w", values: [Float] = values) -> ProtocolMessage
  {
    Message().with(1, values.count).with(2, 1).with(8, name)
      .with(9, values.withUnsafeBytes { Array($0) })
  }

  private func read(_ message: ProtocolMessage, _ folder: String) throws -> ONNXModel {
    try Data(message.bytes).write(file: folder + "m.onnx")
    return try ONNXModel(contentsOf: folder + "m.onnx")
  }

  @Test func `weights are the same wherever in the file they begin`() throws {
    try withTemporaryFolder { folder in
      for padding in 0..<8 {
        // A documentation of another length moves all that follows.
        let text = String(repeating: "x", count: padding)
        let initializer = Message().with(12, text).with(1, 300).with(2, 1).with(8, "w")
          .with(9, Self.values.withUnsafeBytes { Array($0) })
        let model = try read(.model(.graph(initializer: initializer)), folder)
        let weight = try #require(model.graph.initializers["w"])
        #expect(try weight.elements(as: Float.self) == Self.values, "\(padding)")
        // Operators see them too.
        let doubled: [Float] = try weight.multiplied(by: 2).elements()
        #expect(doubled == Self.values.map { 2 * $0 }, "\(padding)")
      }
    }
  }

  @Test func `a file that is replaced is read as it was`() throws {
    try withTemporaryFolder { folder in
      let model = try read(.model(.graph(initializer: Self.weight())), folder)
      try model.write(
        to: folder + "m.onnx",
        replacing: ["w": Tensor.zeros([300])])
      #expect(try model.graph.initializers["w"]?.elements(as: Float.self) == Self.values)
      let again = try ONNXModel(contentsOf: folder + "m.onnx")
      #expect(try again.graph.initializers["w"]?.largestMagnitude() == 0)
    }
  }

  @Test func `messages in an unusual layout are read all the same`() throws {
    try withTemporaryFolder { folder in
      // A second piece of the graph is merged into the first; raw bytes given twice, the last count.
      let split = Message.model(.graph(initializer: Self.weight())).with(7, Message().with(10, "z"))
      let twice = Message.model(
        .graph(
          initializer: Self.weight(values: Self.values.map { -$0 })
            .with(9, Self.values.withUnsafeBytes { Array($0) })))
      for message in [split, twice] {
        let model = try read(message, folder)
        #expect(try model.graph.initializers["w"]?.elements(as: Float.self) == Self.values)
      }
    }
  }

  @Test func `large raw bytes that are not the shape's are an error`() throws {
    try withTemporaryFolder { folder in
      for count in [299, 301] {
        let initializer = Message().with(1, count).with(2, 1).with(8, "w")
          .with(9, Self.values.withUnsafeBytes { Array($0) })
        #expect {
          _ = try read(.model(.graph(initializer: initializer)), folder)
        } throws: { error in
          guard case .tensorSize(_, "w", [count], _, 1200)? = error as? ModelFormatError else {
            return false
          }
          return true
        }
      }
    }
  }

  @Test func `every truncation of a file with large weights is an error`() throws {
    try withTemporaryFolder { folder in
      let whole = Message.model(.graph(initializer: Self.weight())).bytes
      for length in stride(from: 0, to: whole.count - 4, by: 7) {
        try Data(whole[..<length]).write(file: folder + "m.onnx")
        #expect(throws: ModelFormatError.self, "\(length)") {
          _ = try ONNXModel(contentsOf: folder + "m.onnx")
        }
      }
    }
  }
}
