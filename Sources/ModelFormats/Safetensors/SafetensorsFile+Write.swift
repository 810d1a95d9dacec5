internal import Foundation
public import Tensors

extension SafetensorsFile {
  /// What a tensor that is to be written will be.
  public struct Outline: Sendable {
    /// Its name; not `__metadata__`.
    public let name: String
    public let type: ElementType
    public let shape: [Int]

    public init(name: String, type: ElementType, shape: [Int]) {
      (self.name, self.type, self.shape) = (name, type, shape)
    }
  }

  /// Writes tensors to one file or none, each made when it is its turn; the same tensors always make the
  /// same bytes.
  ///
  /// - Parameters:
  ///   - path: The file to make or replace.
  ///   - outlines: What is written, no name twice. As the format's own writer has it, larger types come
  ///     first, then names in order.
  ///   - metadata: Notes by key.
  ///   - tensor: Makes the tensor of that name, of the type and shape that its outline says.
  /// - Throws: ``ModelFormatError/replacement(path:tensor:problem:)`` for a tensor that is not its
  ///   outline's; ``ModelFormatError/unwritable(path:reason:)``; and what `tensor` throws.
  public static func write(
    to path: String, _ outlines: [Outline], metadata: [String: String] = [:],
    tensor: (String) throws -> Tensor
  ) throws {
    let ordered = outlines.sorted {
      ($1.type.byteCount, $0.name) < ($0.type.byteCount, $1.name)
    }
    guard Set(outlines.map(\.name)).count == outlines.count,
      !outlines.contains(where: { $0.name == "__metadata__" })
    else {
      throw ModelFormatError.malformed(path: path, problem: "two tensors would be of one name")
    }
    var offset = 0
    var fields: [String] = metadata.isEmpty ? [] : ["\"__metadata__\":\(try json(metadata))"]
    for outline in ordered {
      guard let extent = TensorExtent(shape: outline.shape, type: outline.type) else {
        throw ModelFormatError.replacement(
          path: path, tensor: outline.name, problem: "its shape \(outline.shape) is impossible")
      }
      let end = offset + extent.byteCount
      let sizes = outline.shape.map(String.init).joined(separator: ",")
      fields.append(
        "\(try json(outline.name)):{\"dtype\":\"\(outline.type.safetensorsName)\","
          + "\"shape\":[\(sizes)],\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var header = Array("{\(fields.joined(separator: ","))}".utf8)
    // The first tensor begins at a multiple of 8.
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    try AtomicFile.write(to: path) { sink in
      try sink.write(withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) })
      try sink.write(header)
      for outline in ordered {
        let made = try tensor(outline.name)
        guard made.shape == outline.shape, made.elementType == outline.type else {
          throw ModelFormatError.replacement(
            path: path, tensor: outline.name,
            problem: "it was to be \(outline.type) of shape \(outline.shape) and is "
              + "\(made.elementType) of shape \(made.shape)")
        }
        try sink.write(made.storedBytes())
      }
    }
  }

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
