internal import Foundation
internal import ModelFormats
internal import PrivFusion

/// How far a fusion by weights has come, in a file beside its output.
///
/// Written as a whole after every step, so that a process that is killed leaves the last one. It holds
/// permutations, which tell how one private model's neurons lie to another's: it is as private as the
/// models.
struct FusionStateFile {
  let path: String
  private let output: String
  private let digest: String

  /// More than the permutations of ten million neurons.
  private static let limit = 256 << 20

  private struct Content: Codable {
    let digest: String
    let state: WeightFusion.State
  }

  /// - Parameters:
  ///   - output: The file that is being made.
  ///   - digest: Of everything that the result depends on.
  init(beside output: String, digest: String) throws {
    (self.output, path, self.digest) = (output, output + ".resume", digest)
  }

  /// What an earlier run of the same inputs left.
  ///
  /// - Returns: `nil` when it left nothing, as where it was ended before the first step.
  /// - Throws: ``Failure`` when the file is not of the same inputs and settings, or damaged.
  func read() throws -> WeightFusion.State? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    guard size <= Self.limit, let data = FileManager.default.contents(atPath: path),
      let content = try? JSONDecoder().decode(Content.self, from: data)
    else {
      throw Failure("\(path): is damaged; delete it and start without --resume", .data)
    }
    guard content.digest == digest else {
      throw Failure(
        "\(path): is of other models, weights or settings; give those of the run that was ended, or "
          + "start without --resume", .data)
    }
    return content.state
  }

  func write(_ state: WeightFusion.State) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try AtomicFile.write(encoder.encode(Content(digest: digest, state: state)), to: path)
  }

  func remove() throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    try FileManager.default.removeItem(atPath: path)
  }

  /// Deletes what a killed run was writing: no other run may be making the same output.
  func removeUnfinished() throws {
    let url = URL(fileURLWithPath: output)
    let folder = url.deletingLastPathComponent()
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where name.hasPrefix(".\(url.lastPathComponent).") && name.hasSuffix(".partial") {
      try FileManager.default.removeItem(at: folder.appending(path: name))
    }
  }
}
