import Foundation
import Testing

/// `--device`: what is asked for is used, or refused before anything is read.
@Suite struct DeviceTests {
  @Test(.enabled(if: !FileManager.default.fileExists(atPath: "/dev/nvidia0")))
  func `a GPU that is not there is refused with a way out, not replaced by the CPU`() throws {
    try Workbench.with { bench in
      for arguments in [
        [
          "fuse", "a.onnx", "b.onnx", "--probe", "probe.npz", "--no-privacy", "--output",
          "fused.onnx",
        ],
        ["evaluate", "a.onnx", "--data", "data.npz"],
      ] {
        let run = try bench.run(arguments + ["--device", "cuda"])
        #expect(run.code == 69, "\(run.words)")
        #expect(run.words.contains("make cuda") || run.words.contains("nvidia-smi"), "\(run.words)")
        #expect(run.output.isEmpty)
      }
      #expect(try !bench.names().contains("fused.onnx"))
    }
  }

  @Test func `a device of another name is a wrong call`() throws {
    try Workbench.with { bench in
      let run = try bench.fuse(["--no-privacy", "--device", "tpu"])
      #expect(run.code == 64, "\(run.words)")
      #expect(run.words.contains("cuda"), "\(run.words)")
    }
  }
}
