internal import Models
internal import Tensors

/// Which tensors of ``WeightFiles`` are the initializers of an ONNX file.
///
/// 1. An initializer, or an input of the graph, takes the tensor of its own name.
/// 2. `TorchScript` exports transpose the weight of a linear layer on inputs of three and more axes, and
///    call it `onnx::MatMul_7`. The node that reads it is named after the module,
///    `/encoder/layers.0/linear1/MatMul`; it takes `encoder.layers.0.linear1.weight`, transposed.
///
/// Nothing else is guessed. Floating-point tensors that nothing takes, and initializers that neither file
/// gives elements, are refused; tensors of whole numbers, such as counters of batches, may be left over.
struct OutsideWeights {
  /// The tensor of an initializer.
  struct Place: Equatable {
    let name: String
    let isTransposed: Bool
  }

  let files: WeightFiles
  private let places: [String: Place]
  /// The ONNX file, for messages.
  private let path: String

  /// How many names a message lists.
  private static let listed = 5

  /// Finds the places, and makes initializers of the inputs that the files hold.
  ///
  /// - Parameter proto: As exporters write it with or without the weights in it.
  /// - Throws: ``ModelFormatError/weights(path:problem:)`` for tensors that nothing takes.
  init(_ files: WeightFiles, for proto: inout Onnx_ModelProto, path: String) throws {
    self.files = files
    self.path = path
    let known = Set(proto.graph.initializer.map(\.name))
    let held = Set(files.names)
    for input in proto.graph.input where held.contains(input.name) && !known.contains(input.name) {
      guard case .tensorType(let tensor) = input.type.value else { continue }
      var initializer = Onnx_TensorProto()
      initializer.name = input.name
      initializer.dataType = tensor.elemType
      initializer.dims = tensor.shape.dim.map(\.dimValue)
      proto.graph.initializer.append(initializer)
    }
    let made = Set(proto.graph.initializer.map(\.name)).subtracting(known)
    proto.graph.input.removeAll { made.contains($0.name) }
    var places: [String: Place] = [:]
    let modules = Self.modules(of: proto.graph.node)
    for initializer in proto.graph.initializer {
      let name = initializer.name
      if held.contains(name) {
        places[name] = Place(name: name, isTransposed: false)
      } else if let module = modules[name], held.contains(module + ".weight") {
        places[name] = Place(name: module + ".weight", isTransposed: true)
      }
    }
    self.places = places
    let taken = Set(places.values.map(\.name))
    // A type that the engine lacks counts as a weight: nothing says that it is none.
    let unexpected = files.names.filter {
      !taken.contains($0) && files.type(of: $0)?.isFloatingPoint != false
    }
    guard unexpected.isEmpty else {
      throw ModelFormatError.weights(
        path: files.path,
        problem: "\(unexpected.count) of its tensors have no counterpart in \(path): "
          + Self.list(unexpected)
          + "; names must be those of the graph's initializers, which PyTorch's exporter takes from "
          + "the module (keep_initializers_as_inputs or do_constant_folding=False may bring them back)"
      )
    }
  }

  /// For every initializer called `onnx::...` that one `MatMul` reads, the module that the node is named
  /// after.
  private static func modules(of nodes: [Onnx_NodeProto]) -> [String: String] {
    nodes.reduce(into: [:]) { result, node in
      guard node.opType == "MatMul", node.input.count == 2, node.input[1].hasPrefix("onnx::"),
        node.name.hasPrefix("/"), node.name.hasSuffix("/MatMul")
      else { return }
      // A sequence's members are named after it once more: /body/body.0/MatMul.
      let parts = node.name.dropFirst().dropLast("/MatMul".count).split(separator: "/")
      let own = parts.indices.filter {
        $0 + 1 == parts.count || !parts[$0 + 1].hasPrefix(parts[$0] + ".")
      }
      result[node.input[1]] = own.map { String(parts[$0]) }.joined(separator: ".")
    }
  }

  /// The initializer called `name`, of the shape and type that the graph declares, or `nil` when the
  /// files do not hold it.
  ///
  /// Half precision is widened where the graph declares single; nothing is narrowed.
  ///
  /// - Throws: ``ModelFormatError/weights(path:problem:)`` for another shape or type.
  func tensor(_ name: String, shape: [Int], typeCode: Int32) throws -> Tensor? {
    guard let place = places[name], let stored = try files.tensor(place.name) else { return nil }
    let tensor =
      place.isTransposed && stored.rank == 2 ? try stored.transposed() : stored
    guard tensor.shape == shape else {
      throw ModelFormatError.weights(
        path: files.path,
        problem: "'\(place.name)' has the shape \(stored.shape)"
          + (place.isTransposed ? ", which is transposed for \(path)" : "")
          + " and '\(name)' of \(path) the shape \(shape)"
          + (Array(tensor.shape.reversed()) == shape ? ": was one of them transposed?" : ""))
    }
    guard let type = ElementType(onnx: typeCode), type != tensor.elementType else { return tensor }
    guard type == .float32, [.float16, .bfloat16].contains(tensor.elementType) else {
      throw ModelFormatError.weights(
        path: files.path,
        problem: "'\(place.name)' holds \(tensor.elementType) and '\(name)' of \(path) is \(type)")
    }
    return try tensor.cast(to: type)
  }

  /// - Throws: ``ModelFormatError/weights(path:problem:)`` naming initializers without elements.
  func check(missing: [String]) throws {
    guard !missing.isEmpty else { return }
    throw ModelFormatError.weights(
      path: files.path,
      problem: "it lacks \(missing.count) tensors that \(path) does not hold itself: "
        + Self.list(missing))
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(listed).map { "'\($0)'" }.joined(separator: ", ")
      + (names.count > listed ? " and \(names.count - listed) more" : "")
  }
}

extension Onnx_TensorProto {
  /// Whether the message says where its elements are, or needs none.
  var hasElements: Bool {
    dataLocation == .external || hasRawData || !floatData.isEmpty || !doubleData.isEmpty
      || !int32Data.isEmpty || !int64Data.isEmpty || !uint64Data.isEmpty || !stringData.isEmpty
      || dims.contains(0)
  }
}
