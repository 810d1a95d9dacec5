import Foundation
import Tensors
import Testing

/// Outputs are whole or absent, whatever the disk does.
@Suite struct OutputTests {
  @Test(arguments: ["none/fused.onnx", "a.onnx/fused.onnx", "folder", "/proc/fused.onnx"])
  func `an output that can't be written is refused and leaves nothing`(output: String) throws {
    try Workbench.with { bench in
      try FileManager.default.createDirectory(
        atPath: bench.folder + "folder", withIntermediateDirectories: false)
      let before = try bench.names()
      for arguments in [
        ["fuse", "a.onnx", "b.onnx", "--probe", "probe.npz", "--no-privacy"],
        ["train", "a.onnx", "--data", "data.npz", "--epochs", "1", "--seed", "0"],
        ["architecture", "mlp"],
      ] {
        let run = try bench.run(arguments + ["--output", output])
        #expect(run.code == 73, "\(run.words)")
        #expect(run.words.contains("can't write \(output)"), "\(run.words)")
        #expect(run.output.isEmpty)
      }
      #expect(try bench.names() == before)
      #expect(try FileManager.default.contentsOfDirectory(atPath: bench.folder + "folder") == [])
    }
  }

  @Test func `a demo whose folder can't be made is refused before it trains`() throws {
    try Workbench.with { bench in
      let run = try bench.run([
        "demo", "--data-directory", ".", "--output-directory", "a.onnx/out", "--epsilon", "1",
      ])
      #expect(run.code == 73, "\(run.words)")
      #expect(run.words.contains("a.onnx/out"), "\(run.words)")
    }
  }

  @Test func `a refused run leaves the earlier output as it was`() throws {
    try Workbench.with { bench in
      #expect(try bench.fuse(["--no-privacy"]).code == 0)
      let before = try bench.bytes("fused.onnx")
      try bench.write(["x": .zeros([5, 7])], to: "probe.npz")
      #expect(try bench.fuse(["--no-privacy"]).code == 65)
      #expect(try bench.bytes("fused.onnx") == before)
    }
  }

  @Test func `an input may be replaced by the output`() throws {
    try Workbench.with { bench in
      let run = try bench.run([
        "fuse", "a.onnx", "b.onnx", "--probe", "probe.npz", "--no-privacy", "--output", "a.onnx",
      ])
      #expect(run.code == 0, "\(run.words)")
      #expect(try bench.fuse(["--no-privacy"]).code == 0)
    }
  }

  /// A shell with a file system of its own, which ends with it.
  private static let shell: [String]? = [["-m"], ["-r", "-m"]].first { flags in
    let run = try? withTemporaryFolder { folder in
      try Tool.run(
        program: "/usr/bin/env",
        ["unshare"] + flags + ["sh", "-c", "mount -t tmpfs -o size=64k tmpfs \"$0\"", folder],
        in: folder)
    }
    return run?.code == 0
  }

  @Test(.enabled(if: shell != nil, "needs unshare and the right to mount a small file system"))
  func `a full disk is said, and leaves nothing`() throws {
    let flags = try #require(Self.shell)
    try Workbench.with { bench in
      for (arguments, name) in [
        (["architecture", "mlp"], "wide.onnx"),
        (["fuse", "wide.onnx", "wide.onnx", "--probe", "images.npz", "--no-privacy"], "f.onnx"),
      ] {
        if name == "f.onnx" {
          try bench.write(["x": .normal([20, 784], seed: 0)], to: "images.npz")
          #expect(try bench.run(["architecture", "mlp", "--output", "wide.onnx"]).code == 0)
        }
        let script = """
          mkdir disk; mount -t tmpfs -o size=64k tmpfs disk || exit 99
          "$@" --output disk/\(name); code=$?
          ls -A disk; exit $code
          """
        let run = try Tool.run(
          program: "/usr/bin/env",
          ["unshare"] + flags + ["sh", "-c", script, "sh", Tool.path] + arguments,
          in: bench.folder)
        #expect(run.code == 73, "\(run.words)")
        #expect(run.words.contains("can't write disk/\(name): the disk is full"), "\(run.words)")
        #expect(run.output.isEmpty)
      }
    }
  }
}
