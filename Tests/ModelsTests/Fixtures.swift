import Foundation
import ModelFormats
import Models
import Symmetry
import Tensors
import Testing

/// A model in `Tests/Fixtures`, with inputs and ONNX Runtime's outputs for them.
struct Fixture {
  static let folder =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
    + "/Fixtures/"

  /// Names, without `.onnx`, of all models.
  static let names: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { $0.hasSuffix(".onnx") }.map { String($0.dropLast(5)) }.sorted()

  static func names(startingWith prefixes: String...) -> [String] {
    names.filter { name in prefixes.contains { name.hasPrefix($0 + "-") } }
  }

  let graph: ModelGraph
  let inputs: [String: Tensor]
  /// What ONNX Runtime gives.
  let outputs: [String: Tensor]

  init(_ name: String) throws {
    graph = try ONNXModel(contentsOf: Self.folder + name + ".onnx").graph
    let recorded = try ArrayArchive(contentsOf: Self.folder + name + ".npz")
    func tensors(_ ports: [ModelGraph.Port], _ prefix: String) throws -> [String: Tensor] {
      try ports.reduce(into: [:]) { result, port in
        let tensor: Tensor = try #require(recorded[prefix + port.name])
        result[port.name] = tensor
      }
    }
    inputs = try tensors(graph.inputs, "input.")
    outputs = try tensors(graph.outputs, "output.")
  }
}

/// The largest difference of two tensors of one shape, over the largest of the second.
func relativeDifference(_ a: Tensor, _ b: Tensor) throws -> Double {
  try #require(a.shape == b.shape)
  return try a.subtracting(b).largestMagnitude() / b.largestMagnitude()
}

/// The only output of a graph.
func output(
  of graph: ModelGraph, _ inputs: [String: Tensor], parameters: [String: Tensor] = [:]
) throws -> Tensor {
  let values = try ForwardPass(graph).values(inputs, parameters: parameters)
  try #require(values.count == 1)
  return try #require(values.values.first)
}

/// The groups of a graph and their proof.
func symmetry(
  of graph: ModelGraph, _ inputs: [String: Tensor]? = nil, seed: UInt64 = 1
) throws -> (groups: PermutationGroups, check: SymmetryCheck) {
  let pass = try ForwardPass(graph)
  let inputs = try inputs ?? graph.sampleInputs(seed: seed)
  let groups = try PermutationGroups(pass, inputs: inputs)
  return (groups, try SymmetryCheck(groups, of: pass, inputs: inputs, seed: seed))
}
