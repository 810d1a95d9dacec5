internal import Foundation

/// The fingerprints of the keys that may sign, one a line; `#` begins a comment.
struct SignerList {
  let fingerprints: Set<String>

  init(contentsOf path: String) throws {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Failure("\(path): can't be read as text", .noInput)
    }
    fingerprints = Set(
      text.split(whereSeparator: \.isNewline)
        .map { $0.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces) }
        .filter { !$0.isEmpty })
    guard !fingerprints.isEmpty else {
      throw Failure("\(path): lists no fingerprint; write one a line", .data)
    }
  }
}
