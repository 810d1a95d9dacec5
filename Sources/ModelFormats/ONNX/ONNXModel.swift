internal import Foundation
public import Models
internal import SwiftProtobuf
internal import Tensors

/// An ONNX file: its network, and everything else it says, kept for writing it again.
///
/// Operator sets 11 to 21 of ONNX's own operators are read. Weights may be in the file, as raw bytes
/// or in typed fields, or in files beside it. Raw bytes stay in their file, which is mapped as long as
/// the network's tensors live: a model takes hardly any memory before it is used.
public struct ONNXModel: Sendable {
  /// Versions of ONNX's operator set that are read and written.
  public static let operatorSets = 11...21

  /// The network, with the functions of the file inlined.
  public let graph: ModelGraph
  /// The file as it was, without the elements of its initializers: `graph` holds those.
  let skeleton: Onnx_ModelProto
  /// Where it was read from, or what it is called in messages.
  let path: String

  /// Reads the file at `path`.
  ///
  /// - Parameters:
  ///   - path: An ONNX file.
  ///   - weights: Tensors that take the place of initializers, and of inputs, of the same name; those of
  ///     an export without weights are inputs or lack their elements. Initializers that
  ///     `TorchScript` transposed and renamed take the tensor of the module that their node is named
  ///     after.
  /// - Throws: ``ModelFormatError`` naming the file: unreadable, malformed (truncated, not ONNX,
  ///   inconsistent), of a kind that is not supported, or with a tensor of a wrong size;
  ///   ``ModelFormatError/weights(path:problem:)`` when `weights` are not those of this graph.
  public init(contentsOf path: String, weights: WeightFiles? = nil) throws {
    let file = try MappedFile(path)
    // A protobuf message can't be larger, and the exporter moves weights out of such a file.
    guard file.bytes.count < Int(Int32.max) else {
      throw ModelFormatError.tooLarge(path: path, what: "the file", limit: Int(Int32.max))
    }
    let layout = ONNXLayout(file.bytes)
    var proto: Onnx_ModelProto
    do {
      if let layout {
        proto = try Onnx_ModelProto(serializedBytes: layout.skeleton)
      } else {
        proto = try Onnx_ModelProto(serializedBytes: file.data)
      }
    } catch {
      throw ModelFormatError.malformed(
        path: path, problem: "it is not a whole ONNX model (\(error)); export it again")
    }
    var reader = ONNXGraphReader(path: path)
    reader.outside = try weights.map { try OutsideWeights($0, for: &proto, path: path) }
    graph = try reader.read(&proto, weights: layout?.rawData ?? [:], in: file)
    skeleton = proto
    self.path = path
  }

  /// Notes that the file carries, by key.
  public var metadata: [String: String] {
    Dictionary(skeleton.metadataProps.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
  }

  /// The program that made the file.
  public var producer: String { skeleton.producerName }

  /// Refuses weights that are not finite; constants of the architecture may be infinite, as masks are.
  ///
  /// - Throws: ``ModelFormatError/notFinite(path:tensor:)`` naming the first such tensor.
  /// - Complexity: O(number of weights).
  public func validateFinite() throws {
    let parameters = Set(graph.parameterNames)
    for (name, tensor) in graph.initializers.sorted(by: { $0.key < $1.key }) {
      let mayBeInfinite = !parameters.contains(name)
      guard try tensor.isFinite() || (mayBeInfinite && tensor.largestMagnitude() == .infinity)
      else {
        throw ModelFormatError.notFinite(path: path, tensor: name)
      }
    }
  }

  init(graph: ModelGraph, skeleton: Onnx_ModelProto, path: String) {
    self.graph = graph
    self.skeleton = skeleton
    self.path = path
  }
}
