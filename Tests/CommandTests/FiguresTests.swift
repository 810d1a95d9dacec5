import Foundation
import Testing

/// Which figures `--only` asks for.
@Suite(
  .enabled(
    if: FileManager.default.fileExists(atPath: Repository.fashionMNIST),
    "needs .deps/fashion-mnist, which `make data` fetches"))
struct FiguresTests {
  /// SUPPORT2 is there, as a file that is refused when it is read; ECG5000 is not there.
  @Test(arguments: [
    ("support2", 65, "support2.csv", "ecg5000"), ("health", 65, "support2.csv", "ecg5000"),
    ("ecg5000", 0, "skipped the health figures of ecg5000,", "support2"),
    ("neither", 0, "", "skipped"),
  ])
  func `health figures are found by their own names`(
    only: String, code: Int32, word: String, absent: String
  ) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        atPath: folder + "support2", withIntermediateDirectories: false)
      try Data("no table\n".utf8).write(
        to: URL(fileURLWithPath: folder + "support2/support2.csv"))
      let run = try Tool.run(
        [
          "figures", "--data-directory", Repository.fashionMNIST, "--health-directory", ".",
          "--output-directory", "out", "--only", only,
        ], in: folder)
      #expect(run.code == code, "\(run.words)")
      #expect(word.isEmpty || run.words.contains(word), "\(run.words)")
      #expect(!run.words.contains(absent), "\(run.words)")
    }
  }
}
