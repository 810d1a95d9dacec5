import Foundation
import ModelFormats
import Tensors
import Testing

@Suite struct ArrayArchiveTests {
  static func sample() throws -> [(String, Tensor)] {
    var arrays: [(String, Tensor)] = [
      ("images", try Tensor((0..<24).map { Float($0) }, shape: [2, 3, 4])),
      ("layer/scalar", Tensor(Float(7))),
      ("empty", try Tensor([Int64](), shape: [0, 3])),
    ]
    for type in ElementType.allCases where type != .bfloat16 {
      arrays.append(("\(type)", try Tensor([0, 1, 1] as [Float], shape: [3]).cast(to: type)))
    }
    return arrays
  }

  @Test func `arrays that are written and read are the same`() throws {
    try withTemporaryFolder { folder in
      let arrays = try Self.sample()
      try ArrayArchive.write(arrays, to: folder + "a.npz")
      let archive = try ArrayArchive(contentsOf: folder + "a.npz")
      #expect(archive.names == arrays.map(\.0))
      for (name, tensor) in arrays {
        #expect(try archive[name]?.isIdentical(to: tensor) == true, "\(name)")
      }
      let first = try Data(file: folder + "a.npz")
      try ArrayArchive.write(arrays, to: folder + "a.npz")
      #expect(try Data(file: folder + "a.npz") == first)
    }
  }

  @Test func `every truncation of an archive is an error`() throws {
    try withTemporaryFolder { folder in
      try ArrayArchive.write(Array(Self.sample().prefix(3)), to: folder + "a.npz")
      let whole = try Data(file: folder + "a.npz")
      for length in 0..<whole.count {
        try whole.prefix(length).write(file: folder + "cut.npz")
        #expect(throws: ModelFormatError.self, "\(length) bytes") {
          try ArrayArchive(contentsOf: folder + "cut.npz")
        }
      }
    }
  }

  @Test func `a changed byte is an error or changes nothing that is read`() throws {
    try withTemporaryFolder { folder in
      let arrays = Array(try Self.sample().prefix(1))
      try ArrayArchive.write(arrays, to: folder + "a.npz")
      let whole = try Data(file: folder + "a.npz")
      for index in whole.indices {
        for change in [UInt8(0x01), 0x80, 0xff] {
          var bytes = whole
          bytes[index] ^= change
          try bytes.write(file: folder + "b.npz")
          guard let archive = try? ArrayArchive(contentsOf: folder + "b.npz") else { continue }
          #expect(try archive["images"]?.isIdentical(to: arrays[0].1) == true, "byte \(index)")
        }
      }
    }
  }
}
