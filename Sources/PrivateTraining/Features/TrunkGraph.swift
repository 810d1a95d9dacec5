internal import Models
internal import Tensors

/// A feature map under construction: a chain of operators from the input `x`.
struct TrunkGraph {
  static let operatorSet = 17
  static let outputName = "features"

  private var nodes: [ModelGraph.Node] = []
  private var initializers: [String: Tensor] = [:]
  private var inputs: [ModelGraph.Port]
  private let operatorSet: Int

  /// - Parameter sample: The shape of one input.
  init(sample: [Int]) {
    inputs = [.init(name: "x", type: .float32, shape: [nil] + sample)]
    operatorSet = Self.operatorSet
  }

  /// Goes on from a whole network.
  init(continuing graph: ModelGraph) {
    nodes = graph.nodes
    initializers = graph.initializers
    inputs = graph.inputs
    operatorSet = graph.operatorSet
  }

  /// Appends an operator and returns the name of the value it makes.
  mutating func append(
    _ operation: String, _ name: String, _ operands: [String],
    _ attributes: [String: ModelGraph.Attribute] = [:]
  ) -> String {
    nodes.append(
      ModelGraph.Node(
        name: name, operation: operation, inputs: operands, outputs: [name],
        attributes: attributes))
    return name
  }

  /// Adds a constant and returns its name.
  mutating func constant(_ name: String, _ tensor: Tensor) -> String {
    initializers[name] = tensor
    return name
  }

  /// Adds a number and returns its name.
  mutating func constant(_ name: String, _ number: Double) -> String {
    constant(name, Tensor(Float(number)))
  }

  /// The graph up to `value`, of shape `[batch, width]`.
  func graph(_ value: String, width: Int?, name: String = "trunk") -> ModelGraph {
    ModelGraph(
      name: name, operatorSet: operatorSet, nodes: nodes, initializers: initializers,
      inputs: inputs, outputs: [.init(name: value, type: .float32, shape: [nil, width])])
  }
}
