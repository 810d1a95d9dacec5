internal import Foundation
internal import Tensors

/// What a safetensors file says it holds; checked against the file, not believed.
///
/// The format's README and its Rust reader, `safetensors/src/tensor.rs`: eight bytes of a
/// little-endian length, a JSON object of that length, then the elements. The ranges of the tensors
/// cover what follows the header exactly, so that two tensors share no byte and none is unexplained.
struct SafetensorsHeader {
  /// One tensor.
  struct Entry {
    let name: String
    /// The type's name in the format, such as `BF16`.
    let typeName: String
    /// `nil` for a type that the engine lacks.
    let type: ElementType?
    let shape: [Int]
    /// Its bytes, counted from the file's first.
    let range: Range<Int>
  }

  /// In the order of their bytes.
  let entries: [Entry]
  /// Notes, by key.
  let metadata: [String: String]

  /// The most bytes that a header may take: some hundred thousand tensors. The format's own reader
  /// stops at 100 MB, of which a parsed object would be gigabytes.
  static let limit = 16 << 20

  /// - Throws: ``ModelFormatError/malformed(path:problem:)`` for a header that is not the format's,
  ///   and for ranges with gaps, overlaps, or sizes other than the shape's.
  init(_ file: UnsafeRawBufferPointer, path: String) throws {
    func malformed(_ problem: String) -> ModelFormatError {
      .malformed(path: path, problem: problem)
    }
    guard file.count >= 8 else { throw malformed("it has no safetensors header of 8 bytes") }
    let declared = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    guard declared <= UInt64(Self.limit) else {
      throw malformed(
        "its header is said to take \(declared) bytes; the limit is \(Self.limit): is it safetensors?"
      )
    }
    let start = 8 + Int(declared)
    guard start <= file.count else {
      throw malformed(
        "its header is said to take \(declared) bytes, and the file has \(file.count) in all; it may "
          + "be truncated")
    }
    let text = UnsafeRawBufferPointer(rebasing: file[8..<start])
    guard text.first == UInt8(ascii: "{") else { throw malformed("its header is no JSON object") }
    let content: Content
    do {
      content = try JSONDecoder().decode(Content.self, from: Data(text))
    } catch {
      throw malformed("its header is not that of safetensors (\(Self.words(error)))")
    }
    metadata = content.metadata
    entries = try content.tensors.map { name, fields in
      try Self.entry(name, fields, start: start, end: file.count, path: path)
    }.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    // A name that stands there twice is seen once here, and leaves a hole.
    var position = start
    for entry in entries {
      guard entry.range.lowerBound == position else {
        throw malformed(
          "tensor '\(entry.name)' starts at byte \(entry.range.lowerBound - start) where "
            + "\(position - start) is next: tensors overlap, or leave a hole")
      }
      position = entry.range.upperBound
    }
    guard position == file.count else {
      throw malformed("\(file.count - position) bytes at its end belong to no tensor")
    }
  }

  private static func entry(
    _ name: String, _ fields: Fields, start: Int, end: Int, path: String
  ) throws -> Entry {
    func malformed(_ problem: String) -> ModelFormatError {
      .malformed(path: path, problem: "tensor '\(name)' \(problem)")
    }
    let offsets = fields.data_offsets
    guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= end - start
    else {
      throw malformed("is said to lie at \(offsets) of \(end - start) bytes")
    }
    let byteCount = offsets[1] - offsets[0]
    let type = ElementType(safetensors: fields.dtype)
    if let type {
      guard let extent = TensorExtent(shape: fields.shape, type: type) else {
        throw malformed("declares the impossible shape \(fields.shape)")
      }
      guard extent.byteCount == byteCount else {
        throw ModelFormatError.tensorSize(
          path: path, tensor: name, shape: fields.shape, expected: extent.byteCount,
          found: byteCount)
      }
    }
    return Entry(
      name: name, typeName: fields.dtype, type: type, shape: fields.shape,
      range: start + offsets[0]..<start + offsets[1])
  }

  /// The decoder's own words, without the text that it was given.
  static func words(_ error: any Error) -> String {
    switch error {
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
      DecodingError.keyNotFound(_, let context), DecodingError.dataCorrupted(let context):
      (context.codingPath.map(\.stringValue) + [context.debugDescription]).joined(separator: ": ")
    default: "\(error)"
    }
  }

  /// A tensor as the JSON gives it; the names are the format's.
  private struct Fields: Decodable {
    let dtype: String
    let shape: [Int]
    // swift-format-ignore: AlwaysUseLowerCamelCase
    let data_offsets: [Int]
  }

  private struct Content: Decodable {
    var metadata: [String: String] = [:]
    var tensors: [String: Fields] = [:]

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Name.self)
      for key in container.allKeys {
        if key.stringValue == "__metadata__" {
          metadata = try container.decode([String: String].self, forKey: key)
        } else {
          tensors[key.stringValue] = try container.decode(Fields.self, forKey: key)
        }
      }
    }
  }

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue _: Int) { nil }
  }
}

extension ElementType {
  /// The type that safetensors calls `name`, where the engine has it.
  init?(safetensors name: String) {
    guard let type = Self.safetensorsNames[name] else { return nil }
    self = type
  }

  /// What safetensors calls this type.
  var safetensorsName: String {
    switch self {
    case .bool: "BOOL"
    case .uint8: "U8"
    case .int8: "I8"
    case .int16: "I16"
    case .int32: "I32"
    case .int64: "I64"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .float32: "F32"
    case .float64: "F64"
    }
  }

  private static let safetensorsNames: [String: ElementType] = {
    let all: [ElementType] = [
      .bool, .uint8, .int8, .int16, .int32, .int64, .float16, .bfloat16, .float32, .float64,
    ]
    return Dictionary(all.map { ($0.safetensorsName, $0) }, uniquingKeysWith: { first, _ in first })
  }()
}
