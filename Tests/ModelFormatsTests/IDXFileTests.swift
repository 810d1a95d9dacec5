import Foundation
import ModelFormats
import Tensors
import Testing

@Suite struct IDXFileTests {
  private static let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3]
  private static let pixels: [UInt8] = [1, 2, 3, 4, 5, 255]

  @Test func `images are bytes by count, row and column`() throws {
    try withTemporaryFolder { folder in
      try Data(Self.images + Self.pixels).write(file: folder + "images")
      let tensor = try IDXFile(contentsOf: folder + "images").tensor
      #expect(tensor.shape == [2, 1, 3])
      #expect(try tensor.elements() == Self.pixels)
    }
  }

  @Test func `a size that is not the file's is an error`() throws {
    try withTemporaryFolder { folder in
      let whole = Self.images + Self.pixels
      let wrong =
        (0..<whole.count).map { Array(whole.prefix($0)) } + [
          whole + [0], [0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255, 1],
          [0, 0, 13, 1, 0, 0, 0, 1, 0, 0, 0, 0], [1] + whole,
        ]
      for bytes in wrong {
        try Data(bytes).write(file: folder + "images")
        #expect(throws: ModelFormatError.self) { try IDXFile(contentsOf: folder + "images") }
      }
    }
  }
}
