internal import Foundation
internal import Tensors

/// Works through files, and writes a line before and after each.
///
///     > NUMBER
///     < NUMBER MILLISECONDS MEBIBYTES OUTCOME
struct Worker {
  private let options: FuzzOptions

  /// No file of these sizes needs more; asking for more must be refused, not granted.
  private static let memoryLimit: rlim_t = 4 << 30

  init(_ options: FuzzOptions) { self.options = options }

  func run() throws {
    var limit = rlimit(rlim_cur: Self.memoryLimit, rlim_max: Self.memoryLimit)
    _ = setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    let corpus = try Corpus(options.fixtures)
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "privfusion-fuzz-\(UUID().uuidString)"
    ).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let clock = ContinuousClock()
    let start = clock.now
    try TensorEngine.withThreads(1) {
      for index in options.from..<options.from + options.count {
        if let seconds = options.seconds, start.duration(to: clock.now) > .seconds(seconds) {
          return
        }
        Fuzz.say("> \(index)\n", to: .standardOutput)
        let file = corpus.file(seed: options.seed, index: index)
        let path = try corpus.place(file, in: folder)
        let begin = clock.now
        let outcome = Trial.outcome(of: path, kind: file.kind)
        let time = begin.duration(to: clock.now)
        let milliseconds =
          time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000
        Fuzz.say(
          "< \(index) \(milliseconds) \(Self.anonymousMemory()) \(file.kind.rawValue) \(outcome)\n",
          to: .standardOutput)
      }
    }
  }

  /// Of this process, in MiB.
  private static func anonymousMemory() -> Int {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("RssAnon") }),
      let kibibytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return 0 }
    return kibibytes / 1024
  }
}
