import Models
import Tensors

extension ModelGraph {
  /// A graph from the input `x` to the value `y`.
  static func small(
    _ nodes: [Node], _ initializers: [String: Tensor] = [:], x shape: [Int?],
    type: ElementType = .float32, operatorSet: Int = 17
  ) -> ModelGraph {
    ModelGraph(
      name: "small", operatorSet: operatorSet, nodes: nodes, initializers: initializers,
      inputs: [Port(name: "x", type: type, shape: shape)],
      outputs: [Port(name: "y", type: .float32, shape: [])])
  }
}

/// One operator; `"a b -> c"` names what it reads and makes.
func node(
  _ operation: String, _ values: String, _ attributes: [String: ModelGraph.Attribute] = [:]
) -> ModelGraph.Node {
  let sides = values.split(separator: "->", omittingEmptySubsequences: false).map(String.init)
  func names(_ side: String) -> [String] {
    side.split(separator: " ").map { $0 == "_" ? "" : String($0) }
  }
  return ModelGraph.Node(
    operation: operation, inputs: names(sides[0]), outputs: names(sides[1]),
    attributes: attributes)
}

/// Normal numbers of these shapes, by name.
func weights(_ shapes: [String: [Int]], seed: UInt64 = 1) throws -> [String: Tensor] {
  var seed = seed
  return try shapes.sorted { $0.key < $1.key }.reduce(into: [:]) { result, entry in
    seed += 1
    result[entry.key] = try Tensor.normal(entry.value, seed: seed)
  }
}

/// The elements 1, 2, 3, ... in a shape.
func counting(_ shape: [Int], from first: Float = 1) throws -> Tensor {
  try Tensor((0..<shape.reduce(1, *)).map { Float($0) + first }, shape: shape)
}

func integers(_ values: Int...) throws -> Tensor { try Tensor(indices: values) }
