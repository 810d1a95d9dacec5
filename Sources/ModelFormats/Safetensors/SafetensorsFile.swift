internal import Foundation
public import Tensors

/// Named tensors in the safetensors format, left in their file until they are used.
///
/// The file is mapped, and a tensor shares its bytes: opening a file of any size takes the memory of its
/// header. Types that the engine lacks (8-bit floats, unsigned integers of 16 and more bits) are refused
/// when they are asked for.
public struct SafetensorsFile: Sendable {
  /// Names in the order of the tensors' bytes.
  public let names: [String]
  /// Notes that the file carries, by key.
  public let metadata: [String: String]
  private let path: String
  private let file: MappedFile
  private let entries: [String: SafetensorsHeader.Entry]

  /// Opens the file at `path`.
  ///
  /// - Throws: ``ModelFormatError`` naming the file: unreadable; malformed, when what its header says is
  ///   not what the file holds.
  public init(contentsOf path: String) throws {
    file = try MappedFile(path)
    let header = try SafetensorsHeader(file.bytes, path: path)
    self.path = path
    names = header.entries.map(\.name)
    metadata = header.metadata
    entries = Dictionary(
      header.entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The sizes of the axes of the tensor called `name`, if the file has one.
  public func shape(of name: String) -> [Int]? { entries[name]?.shape }

  /// The element type of the tensor called `name`; `nil` where there is none, or the engine lacks it.
  public func type(of name: String) -> ElementType? { entries[name]?.type }

  /// The tensor called `name`, if the file has one.
  ///
  /// - Throws: ``ModelFormatError/unsupported(path:feature:advice:)`` for a type that the engine lacks.
  public func tensor(_ name: String) throws -> Tensor? {
    guard let entry = entries[name] else { return nil }
    guard let type = entry.type else {
      throw ModelFormatError.unsupported(
        path: path, feature: "elements of type \(entry.typeName) in tensor '\(name)'",
        advice: "save it with float32, float16 or bfloat16 weights")
    }
    let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[entry.range])
    if type == .bool {
      // The engine knows the truth values 0 and 1 only; the file may hold any byte.
      return try Tensor(bytes: bytes, type: .uint8, shape: entry.shape).cast(to: .bool)
    }
    guard !bytes.isEmpty else { return try Tensor(bytes: bytes, type: type, shape: entry.shape) }
    return try Tensor(sharing: bytes, of: file, type: type, shape: entry.shape)
  }
}
