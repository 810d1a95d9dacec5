internal import Tensors

extension HealthyParameters {
  /// Operators whose result grows with one weight.
  private static let products: Set = ["Conv", "ConvTranspose", "Gemm", "MatMul"]

  /// Parameters with the weights of layers scaled, first to last, so that what a layer gives has a
  /// root mean square between 1/2 and 2 on some inputs.
  ///
  /// Deep networks without normalisation, and sums of many layers, otherwise end in a saturated
  /// sigmoid or softmax, of which no axis seems to matter (Mishkin and Matas 2016, All you need is a
  /// good init, section 3.1, with one step instead of ten).
  ///
  /// - Parameters:
  ///   - parameters: In double precision.
  ///   - pass: The network in double precision.
  ///   - inputs: A tensor for every graph input.
  static func levelled(
    _ parameters: [String: Tensor], for pass: ForwardPass, inputs: [String: Tensor]
  ) throws -> [String: Tensor] {
    let graph = pass.graph
    var result = parameters
    var done: Set<String> = []
    var values = inputs
    try withoutGradients {
      for (index, node) in graph.nodes.enumerated() {
        func outputs() throws -> [Tensor] {
          let operands = try node.inputs.map { name -> Tensor? in
            if name.isEmpty { return nil }
            guard let value = values[name] ?? result[name] ?? graph.initializers[name] else {
              throw ModelError.missingValue(name: name, node: node.label)
            }
            return value
          }
          return try OperatorTable.evaluate(
            OperatorCall(
              node: node, inputs: operands, operatorSet: graph.operatorSet, mode: .inference))
        }
        var made = try outputs()
        if products.contains(node.operation), let output = made.first,
          output.elementType.isFloatingPoint, output.count > 0
        {
          let weights = node.inputs.prefix(2).filter { parameters[$0] != nil }
          let level = try output.rootMeanSquare()
          if weights.count == 1, done.insert(weights[0]).inserted, level.isFinite, level > 0,
            !(0.5...2).contains(level)
          {
            result[weights[0]] = try result[weights[0]]?.multiplied(by: 1 / level)
            made = try outputs()
          }
        }
        for name in pass.lastReads[index] { values[name] = nil }
        for (name, tensor) in zip(node.outputs, made) where !name.isEmpty { values[name] = tensor }
      }
    }
    return result
  }
}
