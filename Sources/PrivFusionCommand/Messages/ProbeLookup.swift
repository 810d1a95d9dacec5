internal import Foundation
internal import MessageFiles
internal import ModelFormats
internal import Models

/// Finds the public probe that messages were made with.
enum ProbeLookup {
  /// The probe of the given path, or the file of the name that the messages state, here or beside
  /// the first of them.
  static func path(_ given: String?, for messages: MessageSet) throws -> String {
    if let given { return given }
    let name = messages.signatures[0].probeFile
    // A name that someone sent must not lead elsewhere.
    guard !name.isEmpty, !name.contains("/"), name != ".." else {
      throw Failure("give the public probe with --probe", .usage)
    }
    let folder = URL(fileURLWithPath: messages.signatures[0].path).deletingLastPathComponent().path
    guard
      let path = [name, folder + "/" + name].first(where: {
        FileManager.default.fileExists(atPath: $0)
      })
    else {
      throw Failure(
        "the messages were made with the probe '\(name)', which is neither here nor beside them; "
          + "give it with --probe", .noInput)
    }
    return path
  }

  /// Reads the probe and refuses another than the session's.
  static func data(
    at path: String, for graph: ModelGraph, in session: SessionDescription
  ) throws -> DataFile {
    let probe = try DataFile(path, for: graph)
    let digest = try ParameterDigest(of: probe.inputs).description
    guard digest == session.probe.sha256 else {
      throw Failure(
        "\(path): is not the probe that the messages were made with: its arrays have SHA-256 "
          + "\(digest.prefix(16)), and the session's \(session.probe.sha256.prefix(16))", .data)
    }
    return probe
  }
}
