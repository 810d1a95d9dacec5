internal import Tensors

/// Fresh parameters at a healthy scale that are drawn whenever they are asked for, always the same: for
/// networks whose parameters, in double precision, one does not want to hold.
struct DrawnParameters: ParameterSource {
  private let graph: ModelGraph
  /// For every parameter the node that reads it first, at which input, and its seed.
  private let draws: [String: (node: Int, input: Int, seed: UInt64)]

  init(for graph: ModelGraph, using generator: inout SeededGenerator) {
    self.graph = graph
    let names = Set(graph.parameterNames)
    var draws: [String: (node: Int, input: Int, seed: UInt64)] = [:]
    for (index, node) in graph.nodes.enumerated() {
      for (input, name) in node.inputs.enumerated()
      where names.contains(name) && draws[name] == nil {
        draws[name] = (index, input, generator.next())
      }
    }
    self.draws = draws
  }

  func parameter(_ name: String) throws -> Tensor? {
    guard let draw = draws[name], let shape = graph.initializers[name]?.shape else { return nil }
    return try HealthyParameters.draw(
      shape, for: graph.nodes[draw.node], input: draw.input, seed: draw.seed)
  }
}
