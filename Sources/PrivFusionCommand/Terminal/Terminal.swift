internal import Foundation

/// Where words and results go.
enum Terminal {
  /// Whether a person watches standard error.
  static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

  /// A result, for standard output.
  static func result(_ text: String) { write(text + "\n", to: .standardOutput) }

  /// Words, for standard error.
  static func note(_ text: String) { write("privfusion: \(text)\n", to: .standardError) }

  static func write(_ text: String, to handle: FileHandle) {
    // A closed pipe is the reader's wish, not an error.
    try? handle.write(contentsOf: Data(text.utf8))
  }

  /// A value as JSON with sorted keys, for standard output.
  static func json(_ value: some Encodable) throws {
    result(try jsonText(value))
  }

  /// A result as words, or as JSON.
  static func show(_ value: some Encodable & CustomStringConvertible, asJSON: Bool) throws {
    if asJSON { try json(value) } else { result(value.description) }
  }

  static func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
