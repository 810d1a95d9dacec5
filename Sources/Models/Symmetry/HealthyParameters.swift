internal import Tensors

/// Draws parameters at scales at which signals neither vanish nor explode.
enum HealthyParameters {
  /// Fresh parameters in double precision, for every parameter of `graph`.
  static func draw(for graph: ModelGraph, using generator: inout SeededGenerator) throws
    -> [String: Tensor]
  {
    var result: [String: Tensor] = [:]
    for node in graph.nodes {
      for (index, name) in node.inputs.enumerated() {
        guard result[name] == nil, let tensor = graph.initializers[name],
          tensor.elementType.isFloatingPoint
        else { continue }
        let drawn = try draw(tensor.shape, for: node, input: index, seed: generator.next())
        result[name] = drawn
      }
    }
    // Constants of the architecture keep their values, in double precision.
    let parameters = Set(graph.parameterNames)
    for (name, tensor) in graph.initializers
    where !parameters.contains(name) && tensor.elementType.isFloatingPoint {
      result[name] = try tensor.cast(to: .float64)
    }
    return result
  }

  /// A fresh parameter for an input of a node.
  static func draw(
    _ shape: [Int], for node: ModelGraph.Node, input index: Int, seed: UInt64
  ) throws -> Tensor {
    let normal = try Tensor.normal(shape, seed: seed, type: .float64)
    switch (node.operation, index) {
    case ("BatchNormalization", 4):  // variances
      return try Tensor.uniform(shape, seed: seed, type: .float64).adding(0.5)
    case ("BatchNormalization", 1), ("LayerNormalization", 1), ("InstanceNormalization", 1),
      ("GroupNormalization", 1),
      ("Mul", _), ("Div", _), ("Pow", _):  // scales, kept away from 0
      return try normal.multiplied(by: 0.2).clamped(to: -0.5...0.5).adding(1)
    case ("Conv", 1) where shape.count > 1:
      return try normal.multiplied(by: (2 / Double(shape[1...].reduce(1, *))).squareRoot())
    case ("ConvTranspose", 1) where shape.count > 1:
      let fan = Double(shape[0] * shape[2...].reduce(1, *))
      return try normal.multiplied(by: (2 / fan).squareRoot())
    case ("LSTM", 1), ("LSTM", 2), ("GRU", 1), ("GRU", 2), ("RNN", 1), ("RNN", 2):
      return try normal.multiplied(by: (1 / Double(shape.last ?? 1)).squareRoot())
    case ("Gemm", 1), ("MatMul", _), ("Transpose", 0):
      // Fan-in is one of the last two axes; between square root of the two is healthy for both.
      let fans = shape.suffix(2)
      let fan = Double(fans.reduce(1, *)).squareRoot()
      return try normal.multiplied(by: (2 / fan).squareRoot())
    default:
      return try normal.multiplied(by: 0.5)
    }
  }
}
