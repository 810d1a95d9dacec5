/// What each operator says about which axes must be permuted together.
package enum SymmetryRules {
  typealias Rule = @Sendable (inout SymmetryContext, ModelGraph.Node) throws -> Void

  static let rules: [String: Rule] = [
    indexing, elementwise, layers, shaping, reducing, recurrent, resizing,
  ].reduce(into: [:]) { table, part in table.merge(part) { first, _ in first } }

  /// Operator types that have a rule.
  package static var operations: Set<String> { Set(rules.keys) }

  /// Walks through the graph and unifies axes.
  ///
  /// - Throws: ``ModelError/unknownOperator(operation:node:)`` for an operator without a rule.
  static func apply(to context: inout SymmetryContext) throws {
    for node in context.graph.nodes {
      let isFixed = node.outputs.allSatisfy {
        $0.isEmpty || context.trace.fixedValues[$0] != nil
      }
      if isFixed { continue }
      guard let rule = rules[node.operation] else {
        throw ModelError.unknownOperator(operation: node.operation, node: node.label)
      }
      try rule(&context, node)
    }
    for port in context.graph.outputs {
      for axis in context.axes(of: port.name) {
        context.fix(axis, "is an axis of the output \(port.name)")
      }
    }
  }

  /// Results have the axes of the first operand.
  static let passes: Rule = { context, node in
    let axes = context.axes(of: node.inputs[0])
    for name in node.outputs { context.set(name, axes) }
  }

  /// Operands broadcast together.
  static let broadcasts: Rule = { context, node in
    context.set(node, context.broadcast(node.inputs.filter { !$0.isEmpty }))
  }

  static let elementwise: [String: Rule] = {
    var table: [String: Rule] = [:]
    for operation in [
      "Relu", "Sigmoid", "Tanh", "Erf", "Sqrt", "Exp", "Log", "Neg", "Abs", "Reciprocal", "Sin",
      "Cos", "Floor", "Ceil", "Round", "Softplus", "Not", "IsNaN", "Sign", "HardSwish", "Mish",
      "LeakyRelu", "Elu", "HardSigmoid", "Gelu", "Clip", "Cast", "CastLike", "Identity",
      "Dropout", "Softmax", "LogSoftmax", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh",
      "Acosh", "Atanh", "Selu", "Celu", "ThresholdedRelu", "Softsign", "Swish", "IsInf",
    ] {
      table[operation] = passes
    }
    for operation in [
      "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Equal", "Less", "Greater",
      "LessOrEqual", "GreaterOrEqual", "And", "Or", "Mod", "PRelu", "Where", "Xor",
      "Mean",
    ] {
      table[operation] = broadcasts
    }
    table["Add"] = { context, node in
      let added = node.inputs.filter { name in
        // The other operand alone must have the sum's axes.
        !(context.shape(node.outputs[0]) == node.inputs.first { $0 != name }.map(context.shape)
          && context.losesBias(name, addedBy: node))
      }
      context.set(node, context.broadcast(added))
    }
    return table
  }()
}
