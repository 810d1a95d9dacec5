import Tensors
import Testing

/// Tensors of bytes that somebody else holds.
@Suite struct SharingTests {
  /// Bytes that know how many of them there are.
  private final class Owner: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ values: [Float], offset: Int) {
      bytes = .allocate(byteCount: 4 * values.count + 8, alignment: 16)
      values.withUnsafeBytes { source in
        UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<offset + source.count])
          .copyMemory(from: source)
      }
    }

    deinit { bytes.deallocate() }

    func tensor(_ count: Int, offset: Int) throws -> Tensor {
      let part = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + 4 * count])
      return try Tensor(sharing: part, of: self, type: .float32, shape: [count])
    }
  }

  @Test(arguments: [0, 1, 2, 3, 4])
  func `operations read shared bytes at any address`(offset: Int) throws {
    let values: [Float] = (0..<1000).map { Float($0) - 500 }
    let tensor = try Owner(values, offset: offset).tensor(values.count, offset: offset)
    #expect(tensor.shape == [1000] && tensor.elementType == .float32)
    #expect(try tensor.elements(as: Float.self) == values)
    #expect(try tensor.multiplied(by: tensor).elements(as: Float.self) == values.map { $0 * $0 })
    let pair: [Float] = try Tensor.concatenated([tensor, tensor]).elements()
    #expect(pair == values + values)
    let parameter = try tensor.asParameter()
    let slope = try parameter.multiplied(by: tensor).sum().gradients(of: [parameter])[0]
    #expect(try slope.elements(as: Float.self) == values)
  }

  @Test func `bytes are held as long as a tensor shares them, and no longer`() throws {
    weak var owner: Owner?
    var view: Tensor?
    do {
      let made = Owner([1, 2, 3, 4], offset: 0)
      owner = made
      view = try made.tensor(4, offset: 0).slice(1..<3)
    }
    #expect(owner != nil)
    #expect(try view?.elements(as: Float.self) == [2, 3])
    view = nil
    #expect(owner == nil)
  }

  @Test func `bytes that are not the shape's are an error, and let go`() throws {
    weak var owner: Owner?
    do {
      let made = Owner([1, 2, 3, 4], offset: 0)
      owner = made
      #expect(throws: TensorError.self) {
        let part = UnsafeRawBufferPointer(rebasing: made.bytes[0..<12])
        _ = try Tensor(sharing: part, of: made, type: .float32, shape: [4])
      }
    }
    #expect(owner == nil)
  }
}
