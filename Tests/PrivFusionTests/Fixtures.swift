import Foundation
import ModelFormats
import Models
import PrivFusion
import Tensors

/// Files that tests read.
enum Fixtures {
  private static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  static let vectors = here.path + "/Vectors/"
  private static let folder = here.deletingLastPathComponent().path + "/Fixtures/"

  /// Pairs of one architecture, exported from PyTorch with different weights.
  static let pairs = [
    ("mlp-a-legacy-17", "mlp-b-legacy-17"), ("cnnbn-a-legacy-17", "cnnbn-b-legacy-17"),
    ("resnet-a-legacy-13", "resnet-b-legacy-13"),
    ("transformer-a-legacy-17", "transformer-b-legacy-17"),
  ]

  static func graph(_ name: String) throws -> ModelGraph {
    try ONNXModel(contentsOf: folder + name + ".onnx").graph
  }

  /// The first model of a pair, and the second's initializers under the first's names.
  static func pair(_ names: (String, String)) throws -> (ModelGraph, [String: Tensor]) {
    let (first, second) = (try graph(names.0), try graph(names.1))
    return (first, try ArchitectureMatch(first, second).renamed(second.initializers))
  }
}

/// Random inputs of a graph with one input, `count` of them.
func probe(for graph: ModelGraph, count: Int, seed: UInt64 = 1) throws -> [String: Tensor] {
  try graph.inputs.reduce(into: [:]) { result, port in
    let shape = [port.shape[0] ?? count] + port.shape.dropFirst().map { $0 ?? 8 }
    result[port.name] = try Tensor.normal(shape, seed: seed)
  }
}

/// `max |a - b| / max |b|`.
func relativeDifference(_ a: Tensor, _ b: Tensor) throws -> Double {
  try a.subtracting(b).largestMagnitude() / b.largestMagnitude()
}

/// The first output of `graph` with other parameters.
func output(
  of graph: ModelGraph, _ inputs: [String: Tensor], parameters: [String: Tensor]
) throws -> Tensor {
  let name = graph.outputs[0].name
  let values = try ForwardPass(graph).values(inputs, parameters: parameters)
  guard let value = values[name] else {
    throw ModelError.missingValue(name: name, node: "the graph's outputs")
  }
  return value
}

/// Fuses models given by their parameters.
func fuse(
  _ shared: SharedArchitecture, _ models: [[String: Tensor]], _ settings: FusionSettings
) throws -> FusionOutcome {
  let parties = models.enumerated().map { PartyModel(name: "party \($0)", parameters: $1) }
  return try FusionSession(shared, settings: settings).run(parties)
}

extension FusionSettings {
  /// Nothing randomised, no filter: the average of the aligned models.
  static func openAverage(_ matching: Matching = .activations, seed: UInt64 = 0) -> FusionSettings {
    FusionSettings(disclosure: .open, matching: matching, usesFilter: false, seed: seed)
  }
}
