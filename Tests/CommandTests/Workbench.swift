import Foundation
import ModelFormats
import Models
import Tensors

/// A folder with two small models of one architecture and data for them.
///
/// `a.onnx` and `b.onnx` are perceptrons 6-8-3; `probe.npz` holds 40 inputs `x`; `data.npz` holds 60
/// inputs with, as `y`, the classes that `a.onnx` sees in them.
struct Workbench {
  let folder: String

  static func with(_ body: (Workbench) throws -> Void) throws {
    try withTemporaryFolder { try body(Workbench(folder: $0)) }
  }

  private init(folder: String) throws {
    self.folder = folder
    let a = try write(hidden: [8], seed: 1, to: "a.onnx")
    try write(hidden: [8], seed: 2, to: "b.onnx")
    try write(["x": Tensor.normal([40, 6], seed: 3)], to: "probe.npz")
    let x = try Tensor.normal([60, 6], seed: 4)
    let logits = try ForwardPass(a).values(["x": x])["logits"]
    let y = try logits.map { try $0.argmax(axis: 1) }
    try write(["x": x, "y": y ?? Tensor.zeros([0])], to: "data.npz")
  }

  /// A folder as it is.
  init(at folder: String) { self.folder = folder }

  @discardableResult
  func write(hidden: [Int], seed: UInt64, to name: String) throws -> ModelGraph {
    let graph = try Architecture.mlp(inputs: 6, hidden: hidden, classes: 3).untrained(seed: seed)
    try write(graph, to: name)
    return graph
  }

  func write(_ graph: ModelGraph, to name: String) throws {
    try ONNXModel(graph: graph, producer: "tests").write(to: folder + name)
  }

  func write(_ arrays: [String: Tensor], to name: String) throws {
    try ArrayArchive.write(arrays.sorted { $0.key < $1.key }.map { ($0, $1) }, to: folder + name)
  }

  func model(_ name: String) throws -> ModelGraph {
    try ONNXModel(contentsOf: folder + name).graph
  }

  func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: folder + name))
  }

  /// Names of all files, hidden ones included.
  func names() throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: folder))
  }

  func run(_ arguments: [String], during: (Process) throws -> Void = { _ in }) throws -> Tool.Run {
    try Tool.run(arguments, in: folder, during: during)
  }

  /// `fuse` of the two models into `fused.onnx`.
  func fuse(_ more: [String]) throws -> Tool.Run {
    try run(["fuse", "a.onnx", "b.onnx", "--probe", "probe.npz", "--output", "fused.onnx"] + more)
  }
}
