import Foundation
import ModelFormats
import Tensors

/// Three parties with records of one problem, public inputs, and what the command made of them.
///
/// `probe.npz` holds 200 inputs of 6 columns and `trunk.onnx` what was learnt from them;
/// `p1.npz` ... `p3.npz` hold 3000 records each, `p1.onnx` ... `p3.onnx` the heads trained on them
/// with epsilon 1, paid from `p1.ledger` ... `p3.ledger`, whose limit is just that; `new.ledger` has
/// nothing spent of epsilon 9; `test.npz` holds 600 more. The same files for all tests.
struct RecordWorkbench {
  let bench: Workbench

  static func with(_ body: (RecordWorkbench) throws -> Void) throws {
    let files = try prepared.get()
    try withTemporaryFolder { folder in
      for (name, content) in files {
        let url = URL(fileURLWithPath: folder + name)
        try content.write(to: url)
        // A ledger that others can read is refused.
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: url.path)
      }
      try body(RecordWorkbench(bench: Workbench(at: folder)))
    }
  }

  private static let prepared = Result {
    try withTemporaryFolder { folder in
      let bench = Workbench(at: folder)
      let records = RecordWorkbench(bench: bench)
      try bench.write(["x": records.inputs(200, seed: 1).x], to: "probe.npz")
      for (index, name) in ["p1", "p2", "p3", "test"].enumerated() {
        let (x, y) = try records.inputs(name == "test" ? 600 : 3000, seed: UInt64(10 + index))
        try bench.write(["x": x, "y": y], to: name + ".npz")
      }
      try records.succeed([
        "features", "--probe", "probe.npz", "--output", "trunk.onnx", "--dimension", "24",
      ])
      for party in ["p1", "p2", "p3"] { try records.succeed(records.training(party)) }
      try records.succeed([
        "ledger", "create", "new.ledger", "--record-epsilon", "9", "--record-delta", "1e-5",
      ])
      var files: [String: Data] = [:]
      for name in try bench.names() { files[name] = try bench.bytes(name) }
      return files
    }
  }

  struct Unprepared: Error {
    let words: String
  }

  private func succeed(_ arguments: [String]) throws {
    let run = try bench.run(arguments)
    guard run.code == 0 else { throw Unprepared(words: run.words) }
  }

  /// Three clouds, one a class, of deviation 1 and with centres 3 apart in two of the columns.
  func inputs(_ count: Int, seed: UInt64) throws -> (x: Tensor, y: Tensor) {
    let labels = (0..<count).map { $0 % 3 }
    let centres = try Tensor.identity(6).multiplied(by: 2.5).selecting(labels, axis: 0)
    return (
      try Tensor.normal([count, 6], seed: seed).adding(centres), try Tensor(indices: labels)
    )
  }

  /// `train` for a party: its data, ledger and output bear its name.
  func training(_ party: String, replacing changes: [String: String?] = [:]) -> [String] {
    var options: [String: String] = [
      "--trunk": "trunk.onnx", "--data": party + ".npz", "--output": party + ".onnx",
      "--record-epsilon": "1", "--delta": "1e-5", "--ledger": party + ".ledger", "--parties": "3",
      "--classes": "3",
    ]
    for (option, value) in changes { options[option] = value }
    return ["train"] + options.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
  }

  /// `fuse` of the three heads.
  func fusing(_ models: [String] = ["p1.onnx", "p2.onnx", "p3.onnx"], _ more: [String] = [])
    -> [String]
  {
    ["fuse"] + models
      + ["--probe", "probe.npz", "--output", "fused.onnx", "--require-record-privacy"] + more
  }

  /// What `ledger show --json` says.
  struct Ledger: Decodable, Equatable {
    struct Account: Decodable, Equatable {
      let unit: String
      let epsilon: Double
      let spent: Double
    }

    struct Entry: Decodable, Equatable {
      let name: String
      let epsilon: Double
      let delta: Double
      let completed: Bool
    }

    let accounts: [Account]
    let entries: [Entry]
    let chainLength: Int
    let head: String
    let keyFingerprint: String
  }

  func ledger(_ name: String) throws -> Ledger {
    let run = try bench.run(["ledger", "show", name, "--json"])
    guard run.code == 0 else { throw Unprepared(words: run.words) }
    return try run.decoded()
  }
}
