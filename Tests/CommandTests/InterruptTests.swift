import Foundation
import Models
import Tensors
import Testing

/// Ctrl-C: exit code 130, and nothing left behind.
@Suite struct InterruptTests {
  /// Waits until the command has put its handler in place.
  private func waitForHandler(_ process: Process) throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while process.isRunning, ContinuousClock.now < deadline {
      let status = try? String(
        contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
      let line = status?.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }
      if let hexadecimal = line?.split(separator: "\t").last,
        let mask = UInt64(hexadecimal, radix: 16), mask & 1 << UInt64(SIGINT - 1) != 0
      {
        return
      }
      usleep(5000)
    }
  }

  private func expectInterruption(
    _ run: Tool.Run, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(run.code == 130, "\(run.words)", sourceLocation: sourceLocation)
    #expect(
      run.words.contains("interrupted; no output was written"), sourceLocation: sourceLocation)
    #expect(run.output.isEmpty, sourceLocation: sourceLocation)
  }

  @Test(arguments: [100, 1000, 3000])
  func `a fusion ends at once and leaves nothing`(milliseconds: UInt32) throws {
    try Workbench.with { bench in
      // Tens of seconds of matching.
      try bench.write(hidden: [1500, 1500], seed: 1, to: "c.onnx")
      try bench.write(hidden: [1500, 1500], seed: 2, to: "d.onnx")
      let before = try bench.names()
      var end: ContinuousClock.Instant?
      let models = Array(repeating: ["c.onnx", "d.onnx"], count: 8).flatMap { $0 }
      let run = try bench.run(
        ["fuse"] + models
          + ["--probe", "probe.npz", "--output", "fused.onnx", "--epsilon", "1"]
      ) { process in
        try waitForHandler(process)
        usleep(milliseconds * 1000)
        process.interrupt()
        end = .now
      }
      expectInterruption(run)
      #expect(try bench.names() == before)
      let interrupted = try #require(end)
      #expect(interrupted.duration(to: .now) < .seconds(10))
    }
  }

  @Test func `a training ends at once and leaves nothing`() throws {
    try Workbench.with { bench in
      let before = try bench.names()
      let run = try bench.run([
        "train", "a.onnx", "--data", "data.npz", "--output", "c.onnx", "--epochs", "1000000",
        "--seed", "0",
      ]) { process in
        try waitForHandler(process)
        usleep(500_000)
        process.interrupt()
      }
      expectInterruption(run)
      #expect(try bench.names() == before)
    }
  }

  /// A hundred megabytes take long enough to be caught half written; a file that was faster is
  /// tried again.
  @Test func `a half written file is removed`() throws {
    try Workbench.with { bench in
      let before = try bench.names()
      for _ in 0..<10 {
        var wasCaught = false
        let run = try bench.run([
          "architecture", "mlp", "--hidden", "5000", "5000", "--output", "large.onnx",
        ]) { process in
          while process.isRunning, !wasCaught {
            wasCaught = try bench.names().contains { $0.hasSuffix(".partial") }
            if !wasCaught { usleep(500) }
          }
          process.interrupt()
        }
        if run.code == 0 {
          try FileManager.default.removeItem(atPath: bench.folder + "large.onnx")
          continue
        }
        #expect(wasCaught)
        expectInterruption(run)
        #expect(try bench.names() == before)
        return
      }
      Issue.record("no file was caught half written in 10 runs")
    }
  }

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: Repository.fashionMNIST),
      "needs .deps/fashion-mnist, which `make data` fetches"))
  func `a demo ends at once and leaves an empty folder`() throws {
    try withTemporaryFolder { folder in
      let run = try Tool.run(
        [
          "demo", "--data-directory", Repository.fashionMNIST, "--output-directory", "out",
          "--epsilon", "4",
        ], in: folder
      ) { process in
        try waitForHandler(process)
        // Long enough for the parties to be in training.
        sleep(4)
        process.interrupt()
      }
      expectInterruption(run)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "out") == [])
    }
  }
}
