import Foundation
import ModelFormats
import Testing

/// Files that were cut short, and readers that go through every length.
@Suite struct TruncationTests {
  /// - Parameter read: Reads the file at a path.
  private func expectErrors(
    _ name: String, _ read: (String) throws -> Void
  ) throws {
    let whole = try Data(file: Fixtures.path(name))
    try withTemporaryFolder { folder in
      let path = folder + "file"
      try whole.write(file: path)
      try read(path)
      for length in 0..<whole.count {
        try whole.prefix(length).write(file: path)
        #expect(throws: ModelFormatError.self, "\(name), \(length) bytes") { try read(path) }
      }
    }
  }

  @Test(arguments: ["Weights/half-a.onnx", "Weights/brain-b.onnx"])
  func `a model cut at any byte is an error`(name: String) throws {
    try expectErrors(name) { _ = try ONNXModel(contentsOf: $0) }
  }

  @Test(arguments: ["arrays-version-2.npz", "Weights/linear.npz"])
  func `an archive cut at any byte is an error`(name: String) throws {
    try expectErrors(name) { _ = try ArrayArchive(contentsOf: $0) }
  }

  @Test(arguments: ["labels-idx1-ubyte", "images-idx3-ubyte.gz"])
  func `an IDX file cut at any byte is an error`(name: String) throws {
    try expectErrors(name) { _ = try IDXFile(contentsOf: $0) }
  }

  @Test func `weights elsewhere that were cut are an error`() throws {
    let data = try Data(file: Fixtures.path("mlp-dynamo-21-external.onnx.data"))
    try withTemporaryFolder { folder in
      try Data(file: Fixtures.path("mlp-dynamo-21-external.onnx")).write(file: folder + "m.onnx")
      let path = folder + "mlp-dynamo-21-external.onnx.data"
      try data.write(file: path)
      _ = try ONNXModel(contentsOf: folder + "m.onnx")
      for length in stride(from: 0, to: data.count, by: 97) {
        try data.prefix(length).write(file: path)
        #expect(throws: ModelFormatError.self, "\(length)") {
          _ = try ONNXModel(contentsOf: folder + "m.onnx")
        }
      }
    }
  }
}
