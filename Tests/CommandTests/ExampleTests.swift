import Foundation
import Testing

/// The examples of the documentation, run as they are.
@Suite struct ExampleTests {
  /// The noise is fresh in every run; the two accuracies, both about 81, were at most 0.3 points apart
  /// where this was measured.
  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: Repository.fashionMNIST),
      "needs .deps/fashion-mnist, which `make data` fetches"))
  func `three parties that exchange files reach what they would in one process`() throws {
    try withTemporaryFolder { folder in
      let run = try Tool.run(
        program: "/usr/bin/env",
        ["bash", Repository.path + "Examples/by-files/run.sh", Tool.path, Repository.fashionMNIST],
        in: folder)
      try #require(run.code == 0, "\(run.words)")
      let byFiles = try accuracy(of: "fused.onnx", in: run.output)
      let together = try accuracy(of: "together.onnx", in: run.output)
      #expect(byFiles > together - 4 && byFiles > 60)
    }
  }

  /// In percent, from the table of `evaluate`.
  private func accuracy(of model: String, in output: String) throws -> Double {
    let line = try #require(
      output.split(separator: "\n").first { $0.hasPrefix(model) }, "\(output)")
    return try #require(Double(line.split(separator: " ")[1]), "\(line)")
  }
}
