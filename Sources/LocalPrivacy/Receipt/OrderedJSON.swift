/// JSON whose members stay in the order in which they are given: one text for one value.
enum OrderedJSON {
  case object([(name: String, value: OrderedJSON)])
  case array([OrderedJSON])
  case text(String)
  case integer(UInt64)
  /// Finite.
  case number(Double)

  /// The bytes of a text that may stand beside others on one line.
  private static let greatestWord = 40

  /// - Parameter indent: The number of spaces before the line that the value begins on.
  func rendered(indent: Int) -> String {
    switch self {
    case .object(let members):
      let parts = members.map {
        "\(Self.quoted($0.name)): \($0.value.rendered(indent: indent + 2))"
      }
      return members.allSatisfy { $0.value.isShort }
        ? "{" + parts.joined(separator: ", ") + "}" : Self.lines(parts, "{", "}", indent: indent)
    case .array(let values):
      return values.isEmpty
        ? "[]"
        : Self.lines(values.map { $0.rendered(indent: indent + 2) }, "[", "]", indent: indent)
    case .text(let text): return Self.quoted(text)
    case .integer(let integer): return "\(integer)"
    case .number(let number): return "\(number)"
    }
  }

  private var isShort: Bool {
    switch self {
    case .object, .array: false
    case .text(let text): text.utf8.count <= Self.greatestWord
    case .integer, .number: true
    }
  }

  private static func lines(
    _ parts: [String], _ opening: String, _ closing: String, indent: Int
  ) -> String {
    let margin = String(repeating: " ", count: indent)
    return opening + "\n" + parts.map { margin + "  " + $0 }.joined(separator: ",\n") + "\n"
      + margin + closing
  }

  /// A text in quotes, with only that escaped which must be.
  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
