import Foundation

/// The built command, which lies beside the test program.
enum Tool {
  static let path =
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "privfusion").path

  /// How a run of a program ended.
  struct Run {
    let code: Int32
    /// Standard output: results.
    let output: String
    /// Standard error: words.
    let words: String

    /// The results as JSON; keys in snake case.
    func decoded<Result: Decodable>(_: Result.Type = Result.self) throws -> Result {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(Result.self, from: Data(output.utf8))
    }
  }

  /// Runs `privfusion` in a folder, to its end.
  ///
  /// - Parameter during: Sees the running process.
  static func run(
    _ arguments: [String], in folder: String, during: (Process) throws -> Void = { _ in }
  ) throws -> Run {
    try run(program: path, arguments, in: folder, during: during)
  }

  /// Runs any program. Its outputs go to files, so that none of them fills a pipe.
  static func run(
    program: String, _ arguments: [String], environment: [String: String] = [:],
    in folder: String, during: (Process) throws -> Void = { _ in }
  ) throws -> Run {
    try withTemporaryFolder { logs in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = arguments
      process.currentDirectoryURL = URL(fileURLWithPath: folder)
      process.environment = ProcessInfo.processInfo.environment.merging(
        ["OMP_WAIT_POLICY": "passive"].merging(environment) { $1 }
      ) { $1 }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = try handle(logs + "out")
      process.standardError = try handle(logs + "err")
      try process.run()
      do {
        try during(process)
      } catch {
        process.terminate()
        process.waitUntilExit()
        throw error
      }
      process.waitUntilExit()
      return Run(
        // A shell's way to say that a signal ended it.
        code: process.terminationStatus + (process.terminationReason == .exit ? 0 : 128),
        output: try String(contentsOfFile: logs + "out", encoding: .utf8),
        words: try String(contentsOfFile: logs + "err", encoding: .utf8))
    }
  }

  private static func handle(_ path: String) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }
}

/// Runs `body` with a folder that is deleted afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(
    path: "privfusion-command-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path + "/")
}

/// Where the repository's own files are.
enum Repository {
  static let path =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path + "/"
  static let fixtures = path + "Tests/Fixtures/"
  static let fashionMNIST = path + ".deps/fashion-mnist"
  static let pythonPackages = path + ".deps/python"
}
