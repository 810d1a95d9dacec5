internal import Foundation

/// Watches a worker, and counts what it says.
struct Watch {
  private let options: FuzzOptions

  /// The slowest file of 100,000 takes a fraction of a second.
  private static let patience: Double = 30
  /// In MiB: what the engine, the libraries and a model of 40 kB need, many times over.
  private static let memoryLimit = 1024
  /// A run is hopeless after so many failures.
  private static let failureLimit = 20

  init(_ options: FuzzOptions) { self.options = options }

  private struct Tally {
    var outcomes: [String: Int] = [:]
    var count = 0
    var slowest = (milliseconds: 0, index: 0)
    var largest = (mebibytes: 0, index: 0)
    var failures: [(index: Int, what: String)] = []
  }

  /// - Returns: Whether every file ended in an outcome.
  func run() throws -> Bool {
    Fuzz.say(
      "seed \(options.seed), from \(options.from), "
        + (options.seconds.map { "for \(Int($0)) s" } ?? "\(options.count) files") + "\n",
      to: .standardOutput)
    var tally = Tally()
    let start = ContinuousClock.now
    var next = options.from
    let end = options.from + options.count
    while next < end, tally.failures.count < Self.failureLimit {
      let left = options.seconds.map { total -> Double in
        let past = start.duration(to: .now).components
        return total - Double(past.seconds)
      }
      if let left, left <= 0 { break }
      guard let failure = try watch(from: next, count: end - next, seconds: left, &tally) else {
        break
      }
      tally.failures.append(failure)
      let corpus = try Corpus(options.fixtures)
      let path = try corpus.place(
        corpus.file(seed: options.seed, index: failure.index), in: options.save,
        named: "case-\(options.seed)-\(failure.index)-")
      Fuzz.say("FAILED \(failure.index): \(failure.what); saved as \(path)\n", to: .standardOutput)
      next = failure.index + 1
    }
    report(tally)
    return tally.failures.isEmpty && tally.count > 0
  }

  /// Runs one worker to its end, or the file at which it failed.
  private func watch(
    from: Int, count: Int, seconds: Double?, _ tally: inout Tally
  ) throws -> (index: Int, what: String)? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments =
      [
        "--worker", "--fixtures", options.fixtures, "--seed", "\(options.seed)", "--from",
        "\(from)",
        "--count", "\(count)",
      ] + (seconds.map { ["--seconds", "\($0)"] } ?? [])
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    // Closed here, so that the worker's end is seen.
    try? pipe.fileHandleForWriting.close()
    let descriptor = pipe.fileHandleForReading.fileDescriptor
    var current: Int?
    var buffer: [UInt8] = []
    while true {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&waiting, 1, Int32(Self.patience * 1000))
      if ready < 0, errno == EINTR { continue }
      if ready == 0 {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return (current ?? from, "said nothing for \(Int(Self.patience)) s")
      }
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let size = read(descriptor, &chunk, chunk.count)
      guard size > 0 else { break }
      buffer += chunk[..<size]
      while let newline = buffer.firstIndex(of: 0x0a) {
        let line = String(decoding: buffer[..<newline], as: UTF8.self)
        buffer.removeSubrange(...newline)
        if let memory = note(line, &current, &tally), memory > Self.memoryLimit {
          kill(process.processIdentifier, SIGKILL)
          process.waitUntilExit()
          return (tally.largest.index, "left \(memory) MiB in memory")
        }
      }
    }
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      let how = process.terminationReason == .exit ? "status" : "signal"
      return (current ?? from, "ended with \(how) \(process.terminationStatus)")
    }
    return nil
  }

  /// - Returns: The memory that the worker holds, in MiB, where the line says it.
  private func note(_ line: String, _ current: inout Int?, _ tally: inout Tally) -> Int? {
    let words = line.split(separator: " ", maxSplits: 4)
    if words.count == 2, words[0] == ">" { current = Int(words[1]) }
    guard words.count == 5, words[0] == "<", let index = Int(words[1]), let time = Int(words[2]),
      let memory = Int(words[3])
    else { return nil }
    tally.count += 1
    tally.outcomes[String(words[4]), default: 0] += 1
    if time >= tally.slowest.milliseconds { tally.slowest = (time, index) }
    if memory >= tally.largest.mebibytes { tally.largest = (memory, index) }
    return memory
  }

  private func report(_ tally: Tally) {
    var lines = tally.outcomes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.value)\t\($0.key)" }
    lines.append(
      "slowest: file \(tally.slowest.index), \(tally.slowest.milliseconds) ms; most memory: "
        + "\(tally.largest.mebibytes) MiB after file \(tally.largest.index)")
    lines.append(
      "\(tally.count) files, seed \(options.seed), from \(options.from): "
        + "\(tally.failures.count) crashed, hung or took too much")
    Fuzz.say(lines.joined(separator: "\n") + "\n", to: .standardOutput)
  }
}
