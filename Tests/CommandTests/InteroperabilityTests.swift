import Foundation
import ModelFormats
import Models
import Tensors
import Testing

/// Fused files in other programs.
@Suite struct InteroperabilityTests {
  /// What a model says, recorded as `Tests/Fixtures/compare-models.py` reads it.
  private func record(_ graph: ModelGraph, _ inputs: [String: Tensor], to path: String) throws {
    let outputs = try ForwardPass(graph).values(inputs)
    let arrays =
      inputs.map { ("input." + $0.key, $0.value) } + outputs.map { ("output." + $0.key, $0.value) }
    try ArrayArchive.write(arrays.sorted { $0.0 < $1.0 }, to: path)
  }

  /// Tolerance of the script: 1e-5 of the largest output.
  @Test(
    .enabled(if: Interoperability.isInstalled, "needs .deps/python, which `make test` installs"),
    arguments: [["--no-privacy"], ["--epsilon", "4"]])
  func `fused files pass onnx's checker and ONNX Runtime gives the same outputs`(
    options: [String]
  ) throws {
    try withTemporaryFolder { folder in
      for name in ["recorded", "written"] {
        try FileManager.default.createDirectory(
          atPath: folder + name, withIntermediateDirectories: false)
      }
      let pairs = [
        "mlp-%-legacy-17", "cnnbn-%-legacy-17", "resnet-%-legacy-13", "transformer-%-legacy-17",
      ]
      for pair in pairs {
        let models = ["a", "b"].map {
          Repository.fixtures + pair.replacing("%", with: $0) + ".onnx"
        }
        let name = pair.replacing("%", with: "ab")
        let original = try ONNXModel(contentsOf: models[0]).graph
        let inputs = try Interoperability.probe(for: original, count: 24, to: folder + "probe.npz")
        let run = try Tool.run(
          ["fuse"] + models + ["--probe", "probe.npz", "--output", "written/\(name).onnx"]
            + options,
          in: folder)
        #expect(run.code == 0, "\(run.words)")
        let fused = try ONNXModel(contentsOf: folder + "written/\(name).onnx").graph
        #expect(fused.initializers.mapValues(\.shape) == original.initializers.mapValues(\.shape))
        #expect(fused.nodes.map(\.name) == original.nodes.map(\.name))
        try record(fused, inputs, to: folder + "recorded/\(name).npz")
      }
      // The script wants an archive too.
      for name in ["recorded", "written"] {
        try FileManager.default.copyItem(
          atPath: folder + "probe.npz", toPath: folder + name + "/probe.npz")
      }
      let compared = try Tool.run(
        program: "/usr/bin/env",
        [
          "python3", Repository.fixtures + "compare-models.py", folder + "recorded",
          folder + "written",
        ],
        environment: [
          "PYTHONPATH": Repository.pythonPackages, "PYTHONDONTWRITEBYTECODE": "1",
        ], in: folder)
      #expect(compared.code == 0, "\(compared.output) \(compared.words)")
      #expect(compared.output.contains("\(pairs.count) models"))
    }
  }
}

enum Interoperability {
  static let isInstalled = FileManager.default.fileExists(
    atPath: Repository.pythonPackages + "/onnxruntime")

  /// Writes random inputs for a model; returns them.
  @discardableResult
  static func probe(for graph: ModelGraph, count: Int, to path: String) throws -> [String: Tensor] {
    let inputs = try graph.inputs.reduce(into: [String: Tensor]()) { result, port in
      let shape = [port.shape[0] ?? count] + port.shape.dropFirst().map { $0 ?? 8 }
      result[port.name] = try Tensor.normal(shape, seed: 7)
    }
    try ArrayArchive.write(inputs.sorted { $0.key < $1.key }.map { ($0, $1) }, to: path)
    return inputs
  }
}
