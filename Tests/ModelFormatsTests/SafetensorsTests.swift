import Foundation
import ModelFormats
import Tensors
import Testing

/// Files of the `safetensors` package (`Tests/Fixtures/Weights/make-fixtures.py`), and files that no writer
/// would write.
@Suite struct SafetensorsTests {
  /// A file of a header and so many bytes.
  private func bytes(_ header: String, _ count: Int = 0) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8)
      + [UInt8](repeating: 0, count: count)
  }

  private func error(_ bytes: [UInt8]) throws -> ModelFormatError? {
    try withTemporaryFolder { folder in
      try Data(bytes).write(file: folder + "w.safetensors")
      do {
        _ = try SafetensorsFile(contentsOf: folder + "w.safetensors")
        return nil
      } catch let error as ModelFormatError {
        #expect("\(error)".contains("w.safetensors"))
        return error
      }
    }
  }

  private let one = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#

  @Test func `every type of the reference's files is read as NumPy has it`() throws {
    let file = try SafetensorsFile(contentsOf: Fixtures.path("Weights/weights-types.safetensors"))
    let expected = try ArrayArchive(contentsOf: Fixtures.path("Weights/weights-types.npz"))
    #expect(Set(file.names) == Set(expected.names))
    #expect(file.metadata == ["format": "pt"])
    for name in expected.names {
      let tensor = try #require(try file.tensor(name))
      let known = try #require(expected[name])
      #expect(tensor.shape == known.shape && file.shape(of: name) == known.shape)
      #expect(try tensor.cast(to: known.elementType).isIdentical(to: known), "\(name)")
    }
    #expect(file.type(of: "bf16") == .bfloat16 && file.type(of: "f16") == .float16)
    #expect(try file.tensor("none") == nil)
  }

  @Test func `a type that the engine lacks is refused when it is asked for`() throws {
    let file = try SafetensorsFile(
      contentsOf: Fixtures.path("Weights/weights-unsigned.safetensors"))
    #expect(file.names == ["u32"] && file.type(of: "u32") == nil)
    #expect {
      _ = try file.tensor("u32")
    } throws: {
      "\($0)".contains("U32") && "\($0)".contains("'u32'")
    }
  }

  @Test func `what is written is what the reference writes`() throws {
    try withTemporaryFolder { folder in
      let path = Fixtures.path("Weights/linear.safetensors")
      let file = try SafetensorsFile(contentsOf: path)
      let outlines = file.names.compactMap { name in
        file.shape(of: name).map { SafetensorsFile.Outline(name: name, type: .float32, shape: $0) }
      }
      try SafetensorsFile.write(to: folder + "w.safetensors", outlines.reversed()) {
        try file.tensor($0) ?? Tensor(Float(0))
      }
      let written = try Data(contentsOf: URL(fileURLWithPath: folder + "w.safetensors"))
      let known = try Data(contentsOf: URL(fileURLWithPath: path))
      let again = try SafetensorsFile(contentsOf: folder + "w.safetensors")
      #expect(again.names == file.names)
      // The reference's JSON has its keys in another order; all else is equal.
      #expect(written.count == known.count)
      #expect(written.suffix(456) == known.suffix(456))
      #expect(throws: ModelFormatError.self) {
        try SafetensorsFile.write(to: folder + "x", outlines) { _ in Tensor(Float(0)) }
      }
      #expect(!FileManager.default.fileExists(atPath: folder + "x"))
    }
  }

  @Test func `the file that the others are made from is valid`() throws {
    #expect(try error(bytes(one, 8)) == nil)
    #expect(try error(bytes(one + "   ", 8)) == nil)
    #expect(try error(bytes("{}")) == nil)
  }

  @Test func `every truncation is an error`() throws {
    let whole = try Data(
      contentsOf: URL(fileURLWithPath: Fixtures.path("Weights/weights-types.safetensors")))
    for length in 0..<whole.count {
      #expect(try error(Array(whole[..<length])) != nil, "\(length)")
    }
    #expect(try error(Array(whole) + [0]) != nil)
  }

  @Test func `a header that lies about its length is an error`() throws {
    for length: UInt64 in [0, 1, 61, 63, 64, 1 << 24, 1 << 40, 1 << 63, .max] {
      let file = withUnsafeBytes(of: length.littleEndian) { Array($0) } + bytes(one, 8).dropFirst(8)
      #expect(try error(file) != nil, "\(length)")
    }
  }

  @Test func `tensors must cover the bytes exactly`() throws {
    func tensor(_ name: String, _ shape: String, _ start: String, _ end: String) -> String {
      #""\#(name)":{"dtype":"F32","shape":\#(shape),"data_offsets":[\#(start),\#(end)]}"#
    }
    #expect(
      try error(bytes("{\(tensor("a", "[2]", "0", "8")),\(tensor("b", "[1]", "8", "12"))}", 12))
        == nil)
    for (header, count) in [
      // Overlap, hole, too much, too little, the same twice.
      ("\(tensor("a", "[2]", "0", "8")),\(tensor("b", "[1]", "4", "8"))", 8),
      ("\(tensor("a", "[2]", "0", "8")),\(tensor("b", "[2]", "0", "8"))", 8),
      ("\(tensor("a", "[2]", "0", "8")),\(tensor("b", "[1]", "12", "16"))", 16),
      (tensor("a", "[2]", "0", "8"), 9), (tensor("a", "[2]", "0", "8"), 7),
      (tensor("a", "[2]", "1", "9"), 9),
      ("\(tensor("a", "[2]", "0", "8")),\(tensor("a", "[2]", "8", "16"))", 16),
      // Other sizes than the shape's.
      (tensor("a", "[3]", "0", "8"), 8), (tensor("a", "[]", "0", "8"), 8),
      (tensor("a", "[-2]", "0", "8"), 8), (tensor("a", "[1099511627776]", "0", "8"), 8),
      (tensor("a", "[4611686018427387904,4611686018427387904]", "0", "8"), 8),
      (tensor("a", "[0,4611686018427387904,4611686018427387904]", "0", "0"), 0),
      (tensor("a", "[2]", "8", "0"), 8), (tensor("a", "[2]", "-8", "0"), 8),
      (tensor("a", "[2]", "0", "9223372036854775807"), 8),
      (tensor("a", "[2]", "0", "18446744073709551616"), 8), (tensor("a", "[2]", "0.5", "8"), 8),
      (tensor("a", "[1e400]", "0", "8"), 8), (tensor("a", "2", "0", "8"), 8),
      (tensor("a", "[\(Array(repeating: "1", count: 100).joined(separator: ","))]", "0", "4"), 4),
    ] {
      #expect(try error(bytes("{\(header)}", count)) != nil, "\(header)")
    }
  }

  @Test func `a header that is not the format's is an error`() throws {
    for header in [
      "", "[]", "null", "{", "\u{0}{}", " {}", "{}{}", #"{"a":1}"#, #"{"a":{}}"#,
      #"{"__metadata__":{"a":1}}"#, #"{"__metadata__":[]}"#,
      #"{"a":{"dtype":4,"shape":[2],"data_offsets":[0,8]}}"#,
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#,
      String(repeating: #"{"a":"#, count: 100_000), String(repeating: "[", count: 100_000),
    ] {
      #expect(try error(bytes(header)) != nil, "\(header.prefix(40))")
    }
    #expect(try error(bytes(one, 8).map { $0 == UInt8(ascii: "a") ? 0xff : $0 }) != nil)
  }

  @Test func `the tensors of several files are found by their index`() throws {
    let whole = try WeightFiles(contentsOf: Fixtures.path("Weights/linear.safetensors"))
    let parts = try WeightFiles(contentsOf: Fixtures.path("Weights/linear.safetensors.index.json"))
    #expect(whole.names == parts.names && whole.names.count == 4)
    #expect(whole.paths.count == 1 && parts.paths.count == 3)
    for name in whole.names {
      let one = try #require(try whole.tensor(name))
      #expect(try parts.tensor(name)?.isIdentical(to: one) == true)
    }
  }

  @Test func `an index that leads out of its folder, or lies, is an error`() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        atPath: folder + "models", withIntermediateDirectories: true)
      for place in ["outside.safetensors", "models/w.safetensors"] {
        try Data(bytes(one, 8)).write(file: folder + place)
      }
      try FileManager.default.createSymbolicLink(
        atPath: folder + "models/link.safetensors",
        withDestinationPath: "../outside.safetensors")
      try FileManager.default.createSymbolicLink(
        atPath: folder + "models/inner.safetensors", withDestinationPath: "w.safetensors")
      func read(_ index: String) throws {
        try Data(index.utf8).write(file: folder + "models/m.index.json")
        _ = try WeightFiles(contentsOf: folder + "models/m.index.json")
      }
      try read(#"{"weight_map":{"a":"w.safetensors"}}"#)
      try read(#"{"weight_map":{"a":"inner.safetensors"}}"#)
      for index in [
        "", "[]", "{}", #"{"weight_map":[]}"#, #"{"weight_map":{"a":1}}"#,
        #"{"weight_map":{"b":"w.safetensors"}}"#, #"{"weight_map":{"a":"x.safetensors"}}"#,
        #"{"weight_map":{"a":"../outside.safetensors"}}"#,
        #"{"weight_map":{"a":"\#(folder)outside.safetensors"}}"#,
        #"{"weight_map":{"a":"link.safetensors"}}"#, #"{"weight_map":{"a":""}}"#,
        #"{"weight_map":{"a":"."}}"#, #"{"weight_map":{"a":"w.safetensors\u0000"}}"#,
        #"{"weight_map":{"a":"/etc/passwd"}}"#, #"{"weight_map":{"a":"m.index.json"}}"#,
      ] {
        #expect(throws: ModelFormatError.self, "\(index)") { try read(index) }
      }
    }
  }
}
