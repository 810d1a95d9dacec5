import Foundation
import ModelFormats
import Tensors
import Testing

/// Archives made by NumPy; `Tests/Fixtures/make-fixtures.py` has what they hold.
@Suite struct ArrayFixtureTests {
  @Test func `every kind of array reads as NumPy wrote it`() throws {
    let archive = try ArrayArchive(contentsOf: Fixtures.path("arrays-compressed.npz"))
    let six = try Tensor([0, 1, 2, 3, 4, 5] as [Float], shape: [2, 3])
    let expected: [String: Tensor] = [
      "c_order": six, "fortran": six,
      "float16": try six.cast(to: .float16), "float64": try six.cast(to: .float64),
      "int8": try six.negated().cast(to: .int8), "int16": try six.negated().cast(to: .int16),
      "int32": try six.negated().cast(to: .int32), "int64": try six.negated().cast(to: .int64),
      "uint8": try six.adding(250).cast(to: .uint8),
      "uint16": try six.adding(65_530).cast(to: .int32),
      "uint32": try six.cast(to: .int64).adding(Tensor(Int64(4_294_967_290))),
      "bool": try Tensor([0, 1, 0, 1, 0, 1] as [Float], shape: [2, 3]).cast(to: .bool),
      "scalar": Tensor(Float(7)), "empty": try Tensor.zeros([0, 3]),
      "large": try Tensor.zeros([300, 300]), "größe": try six.cast(to: .int64),
    ]
    #expect(archive.names.sorted() == expected.keys.sorted())
    for (name, tensor) in expected {
      let found = try #require(archive[name])
      #expect(found.shape == tensor.shape && found.elementType == tensor.elementType, "\(name)")
      #expect(try found.count == 0 || found.isIdentical(to: tensor), "\(name)")
    }
    let versions = try ArrayArchive(contentsOf: Fixtures.path("arrays-version-2.npz"))
    for name in ["a", "b"] { #expect(try versions[name]?.isIdentical(to: six) == true) }
  }

  @Test(arguments: ["big-endian", "object", "text", "records"])
  func `elements that are not little-endian numbers are refused by name`(kind: String) throws {
    let path = Fixtures.path("arrays-refused-\(kind).npz")
    let error = try #require(throws: ModelFormatError.self) { try ArrayArchive(contentsOf: path) }
    guard case .unsupported(path, let feature, _) = error else {
      Issue.record("unexpected: \(error)")
      return
    }
    #expect(feature.contains("'a'"))
  }

  @Test(arguments: ["stored", "deflated"])
  func `a header that claims more than the archive holds is an error`(kind: String) {
    #expect(throws: ModelFormatError.self) {
      try ArrayArchive(contentsOf: Fixtures.path("arrays-lying-\(kind).npz"))
    }
  }

  @Test func `an entry that claims more than deflate can hold is an error`() throws {
    try withTemporaryFolder { folder in
      var bytes = try Data(file: Fixtures.path("arrays-compressed.npz"))
      let entry = try #require(bytes.range(of: Data([0x50, 0x4b, 1, 2])))
      // The size of the content, at byte 24 of a directory's entry.
      for size in [[0, 0, 0, 0x7f], [0xff, 0xff, 0xff, 0xff], [1, 0, 0, 0], [0, 0, 0, 0]] {
        bytes.replaceSubrange(
          entry.lowerBound + 24..<entry.lowerBound + 28, with: size.map { UInt8($0) })
        try bytes.write(file: folder + "a.npz")
        #expect(throws: ModelFormatError.self) { try ArrayArchive(contentsOf: folder + "a.npz") }
      }
    }
  }

  /// Checksums make a change that is read without an error as unlikely as 2^-32 for each entry.
  @Test func `a changed byte of a compressed archive never goes unseen`() throws {
    try withTemporaryFolder { folder in
      let whole = try Data(file: Fixtures.path("arrays-compressed.npz"))
      let original = try ArrayArchive(contentsOf: Fixtures.path("arrays-compressed.npz"))
      for index in whole.indices {
        var bytes = whole
        bytes[index] ^= 0xff
        try bytes.write(file: folder + "b.npz")
        guard let archive = try? ArrayArchive(contentsOf: folder + "b.npz") else { continue }
        #expect(archive.names == original.names, "byte \(index)")
        for name in original.names {
          let expected = try #require(original[name])
          #expect(try archive[name]?.isIdentical(to: expected) == true, "byte \(index)")
        }
      }
    }
  }

  @Test func `images and labels read, compressed or not`() throws {
    let images = try IDXFile(contentsOf: Fixtures.path("images-idx3-ubyte.gz")).tensor
    #expect(images.shape == [5, 28, 28] && images.elementType == .uint8)
    #expect(try images.elements() == (0..<5 * 784).map { UInt8($0 % 256) })
    let labels = try IDXFile(contentsOf: Fixtures.path("labels-idx1-ubyte")).tensor
    #expect(try labels.elements() == [3, 1, 4, 1, 5] as [UInt8])
  }

  @Test func `a compressed file that lies, is cut or goes on is an error`() throws {
    #expect(throws: ModelFormatError.self) {
      try IDXFile(contentsOf: Fixtures.path("lying-idx2-ubyte.gz"))
    }
    try withTemporaryFolder { folder in
      let whole = try Data(file: Fixtures.path("images-idx3-ubyte.gz"))
      for bytes in (0..<whole.count).map({ whole.prefix($0) }) + [whole + [0], whole + whole] {
        try bytes.write(file: folder + "images.gz")
        #expect(throws: ModelFormatError.self) { try IDXFile(contentsOf: folder + "images.gz") }
      }
    }
  }
}
