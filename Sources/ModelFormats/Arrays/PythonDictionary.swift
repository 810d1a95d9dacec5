/// The dictionary in a `.npy` header, as Python writes it.
///
///     {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
struct PythonDictionary {
  /// The element type; `nil` when it is not a plain string, as for records.
  private(set) var description: String?
  private(set) var isFortranOrder = false
  private(set) var shape: [Int] = []

  private var rest: Substring

  /// - Returns: `nil` when the text is anything else.
  init?(_ text: String) {
    rest = text[...]
    guard take("{") else { return nil }
    var keys: Set<String> = []
    while !take("}") {
      guard let key = string(), keys.insert(key).inserted, take(":") else { return nil }
      switch key {
      case "descr":
        if let value = string() {
          description = value
        } else {
          // A list of fields: only that it is one matters. The rest of the header is not needed.
          guard take("[") else { return nil }
          return
        }
      case "fortran_order":
        if take("True") {
          isFortranOrder = true
        } else {
          guard take("False") else { return nil }
        }
      case "shape":
        guard let value = tuple() else { return nil }
        shape = value
      default:
        return nil
      }
      guard take(",") || rest.first == "}" else { return nil }
    }
    skipSpace()
    guard rest.isEmpty, keys.count == 3 else { return nil }
  }

  private mutating func skipSpace() { rest = rest.drop { $0.isWhitespace } }

  private mutating func take(_ token: String) -> Bool {
    skipSpace()
    guard rest.hasPrefix(token) else { return false }
    rest = rest.dropFirst(token.count)
    skipSpace()
    return true
  }

  private mutating func string() -> String? {
    skipSpace()
    guard let quote = rest.first, quote == "'" || quote == "\"" else { return nil }
    let body = rest.dropFirst()
    guard let end = body.firstIndex(of: quote) else { return nil }
    rest = body[body.index(after: end)...]
    skipSpace()
    return String(body[..<end])
  }

  private mutating func tuple() -> [Int]? {
    guard take("(") else { return nil }
    var sizes: [Int] = []
    while !take(")") {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let size = Int(digits) else { return nil }
      rest = rest.dropFirst(digits.count)
      sizes.append(size)
      // Python 2 wrote long integers as 3L.
      _ = take("L")
      skipSpace()
      guard take(",") || rest.first == ")" else { return nil }
    }
    return sizes
  }
}
