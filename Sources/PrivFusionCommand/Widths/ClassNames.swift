internal import Foundation
internal import ModelFormats

/// The names of a model's classes, a line each, in the order of its outputs.
struct ClassNames {
  let path: String
  let names: [String]

  /// - Throws: ``Failure`` when the file can't be read, is no UTF-8 text, or holds no name, an empty
  ///   one or one twice.
  init(_ path: String) throws {
    self.path = path
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure("\(path): no such file, or it may not be read", .noInput)
    }
    guard data.count <= 1 << 24, let text = String(data: data, encoding: .utf8) else {
      throw Failure("\(path): is no text of class names, a line each, in UTF-8", .data)
    }
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    while lines.last?.isEmpty == true { lines.removeLast() }
    guard !lines.isEmpty else {
      throw Failure("\(path): holds no class names; give one a line", .data)
    }
    if let empty = lines.firstIndex(of: "") {
      throw Failure("\(path): line \(empty + 1) is empty; give a class name a line", .data)
    }
    var seen: Set<String> = []
    if let twice = lines.first(where: { !seen.insert($0).inserted }) {
      throw Failure("\(path): names the class '\(twice)' twice; name each once", .data)
    }
    names = lines
  }

  /// Where the names of a model's outputs are written beside it.
  static func path(beside model: String) -> String {
    let stem = model.hasSuffix(".onnx") ? String(model.dropLast(5)) : model
    return stem + ".names.txt"
  }

  /// Writes names, a line each.
  static func write(_ names: [String], to path: String) throws {
    let text = names.map { $0 + "\n" }.joined()
    try AtomicFile.write(to: path) { try $0.write(Array(text.utf8)) }
  }
}
