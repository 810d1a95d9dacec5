extension SymmetryRules {
  /// Operators that sum, or take the largest, over positions or whole axes.
  static let reducing: [String: Rule] = {
    var table: [String: Rule] = [:]
    for operation in [
      "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2",
      "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp",
    ] {
      table[operation] = { context, node in
        let x = context.axes(of: node.inputs[0])
        let call = context.call(node)
        var axes = Set(try OperatorTable.reducedAxes(call, rank: x.count))
        if axes.isEmpty, call.int("noop_with_empty_axes") != 1 { axes = Set(x.indices) }
        reduce(&context, node, x, axes, keeping: call.int("keepdims") != 0)
      }
    }
    table["ArgMax"] = { context, node in
      let x = context.axes(of: node.inputs[0])
      let call = context.call(node)
      let axis = try call.axis(call.int("axis") ?? 0, rank: x.count)
      context.fix(x[axis], "is counted by position")
      reduce(&context, node, x, [axis], keeping: call.int("keepdims") != 0)
    }
    for operation in ["GlobalAveragePool", "GlobalMaxPool"] {
      table[operation] = { context, node in
        let x = context.axes(of: node.inputs[0])
        reduce(&context, node, x, Set(2..<x.count), keeping: true)
      }
    }
    for operation in ["MaxPool", "AveragePool"] {
      table[operation] = { context, node in
        let x = context.axes(of: node.inputs[0])
        for axis in x[2...] { context.fix(axis, "is a position of a pooling window") }
        context.set(node, x[..<2] + positions(&context, node, from: 2))
      }
    }
    return table
  }()

  private static func reduce(
    _ context: inout SymmetryContext, _ node: ModelGraph.Node, _ x: [SymmetryContext.Axis],
    _ axes: Set<Int>, keeping: Bool
  ) {
    context.set(
      node,
      x.indices.compactMap { index in
        if !axes.contains(index) { return x[index] }
        return keeping ? context.partition.leaf(1) : nil
      })
  }
}
