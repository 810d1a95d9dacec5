internal import Foundation
internal import Tensors

/// The header of a `.npy` array: a Python dictionary of three fixed keys.
///
/// NumPy Enhancement Proposal 1, versions 1.0 to 3.0 of the format.
struct ArrayHeader {
  /// How elements are stored.
  enum Storage: Equatable {
    case type(ElementType)
    /// Unsigned integers of two and four bytes become the next wider signed ones: the engine has
    /// no such types.
    case uint16
    case uint32

    var byteCount: Int {
      switch self {
      case .type(let type): type.byteCount
      case .uint16: 2
      case .uint32: 4
      }
    }
  }

  let storage: Storage
  let isFortranOrder: Bool
  let shape: [Int]
  /// Bytes before the first element.
  let byteCount: Int

  /// The most bytes that a header may take; NumPy itself refuses beyond 10,000.
  static let limit = 65_536

  /// - Parameters:
  ///   - bytes: The array's first bytes, up to ``limit`` of them.
  ///   - label: What messages call the array.
  init(_ bytes: Data, label: String, path: String) throws {
    func malformed(_ problem: String) -> ModelFormatError {
      .malformed(path: path, problem: "array '\(label)' \(problem)")
    }
    let reader = ByteReader(bytes, path: path)
    guard try reader.slice(0, 6, "array '\(label)'").elementsEqual([0x93] + Array("NUMPY".utf8))
    else { throw malformed("does not begin as NumPy's arrays do") }
    let version = try reader.size(6, bytes: 1, "a version")
    guard (1...3).contains(version) else { throw malformed("is of the unknown version \(version)") }
    let width = version == 1 ? 2 : 4
    let length = try reader.size(8, bytes: width, "a header's length")
    guard length <= Self.limit - 12 else { throw malformed("has a header of \(length) bytes") }
    let text = try reader.slice(8 + width, length, "the header of array '\(label)'")
    guard let text = String(validating: text, as: UTF8.self) else {
      throw malformed("has a header that is not UTF-8")
    }
    guard let fields = PythonDictionary(text) else {
      throw malformed("has a header that is not NumPy's")
    }
    byteCount = 8 + width + length
    isFortranOrder = fields.isFortranOrder
    shape = fields.shape
    storage = try Self.storage(fields.description, label: label, path: path)
  }

  private static func storage(
    _ description: String?, label: String, path: String
  ) throws -> Storage {
    switch description {
    case "<f2", "=f2": return .type(.float16)
    case "<f4", "=f4": return .type(.float32)
    case "<f8", "=f8": return .type(.float64)
    case "|i1", "<i1", "=i1": return .type(.int8)
    case "<i2", "=i2": return .type(.int16)
    case "<i4", "=i4": return .type(.int32)
    case "<i8", "=i8": return .type(.int64)
    case "|u1", "<u1", "=u1": return .type(.uint8)
    case "<u2", "=u2": return .uint16
    case "<u4", "=u4": return .uint32
    case "|b1", "<b1", "=b1": return .type(.bool)
    default:
      throw ModelFormatError.unsupported(
        path: path,
        feature: "the element type \(description.map { "'\($0)'" } ?? "of records") in array "
          + "'\(label)'",
        advice: "save it as little-endian numbers, such as array.astype('<f4')")
    }
  }
}
