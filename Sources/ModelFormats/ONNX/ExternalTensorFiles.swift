/// The files beside a model that hold the bytes of its tensors.
struct ExternalTensorFiles {
  private let modelPath: String
  private var mapped: [String: MappedFile] = [:]

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
    let components = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.isEmpty, !location.hasPrefix("/"), !location.contains("\\"),
      !location.utf8.contains(0), !components.contains("..")
    else {
      throw malformed(
        "external tensor '\(name)' is at '\(location)', which is not inside the model's folder")
    }
    let file = try map(location)
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
    return FileBytes(file: file, range: offset..<offset + length)
  }

  private mutating func map(_ location: String) throws -> MappedFile {
    if let file = mapped[location] { return file }
    let folder = modelPath.lastIndex(of: "/").map { String(modelPath[...$0]) } ?? ""
    let file = try MappedFile(folder + location)
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
