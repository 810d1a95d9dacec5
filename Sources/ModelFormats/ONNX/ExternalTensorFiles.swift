/// The files beside a model that hold the bytes of its tensors.
struct ExternalTensorFiles {
  private let modelPath: String
  private var mapped: [String: MappedFile] = [:]
  /// What was read of every file, and for which tensor.
  private var ranges: [String: [(range: Range<Int>, name: String)]] = [:]

  init(modelPath: String) { self.modelPath = modelPath }

  /// The bytes that `entries` (`location`, `offset`, `length`) point to.
  ///
  /// - Parameter byteCount: What the tensor's shape and type ask for.
  /// - Throws: ``ModelFormatError/malformed(path:problem:)`` when the location leaves the model's
  ///   folder or the range leaves the file.
  mutating func bytes(
    of entries: [Onnx_StringStringEntryProto], name: String, byteCount: Int
  ) throws -> FileBytes {
    let values = Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    guard let location = values["location"] else {
      throw malformed("external tensor '\(name)' names no location")
    }
    let file = try map(location, name: name)
    let offset = try number(values["offset"], name: name, key: "offset") ?? 0
    let size = file.bytes.count
    guard offset <= size else {
      throw malformed(
        "external tensor '\(name)' starts at byte \(offset) of '\(location)', which has \(size)")
    }
    let length = try number(values["length"], name: name, key: "length") ?? (size - offset)
    guard length <= size - offset else {
      throw malformed(
        "external tensor '\(name)' takes \(length) bytes from byte \(offset) of '\(location)', "
          + "which has \(size)")
    }
    guard length == byteCount else {
      throw malformed(
        "external tensor '\(name)' needs \(byteCount) bytes and '\(location)' gives it \(length)")
    }
    ranges[location, default: []].append((offset..<offset + length, name))
    return FileBytes(file: file, range: offset..<offset + length)
  }

  /// Refuses tensors that share some of their bytes. Those that share all are one weight, which an
  /// exporter may write once.
  ///
  /// - Throws: ``ModelFormatError/malformed(path:problem:)`` naming two tensors.
  func checkOverlaps() throws {
    for (location, found) in ranges.sorted(by: { $0.key < $1.key }) {
      let ordered = found.filter { !$0.range.isEmpty }.sorted {
        ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
      }
      for (first, second) in zip(ordered, ordered.dropFirst())
      where first.range != second.range && second.range.lowerBound < first.range.upperBound {
        throw malformed(
          "external tensors '\(first.name)' and '\(second.name)' overlap in '\(location)'")
      }
    }
  }

  private mutating func map(_ location: String, name: String) throws -> MappedFile {
    if let file = mapped[location] { return file }
    let file = try MappedFile(
      InputFile.beside(modelPath, named: location, what: "external tensor '\(name)'"))
    mapped[location] = file
    return file
  }

  private func number(_ text: String?, name: String, key: String) throws -> Int? {
    guard let text else { return nil }
    guard let number = Int(text), number >= 0 else {
      throw malformed("external tensor '\(name)' has the \(key) '\(text)', not a whole number")
    }
    return number
  }

  private func malformed(_ problem: String) -> ModelFormatError {
    .malformed(path: modelPath, problem: problem)
  }
}
