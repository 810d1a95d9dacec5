extension SymmetryRules {
  /// Recurrent layers: their hidden units are permuted alike in every gate, in the recurrence on
  /// both sides, in both directions and at every step.
  ///
  /// Directions could have orders of their own. Their outputs are one tensor `[steps, D, batch, H]`,
  /// whose last axis is one axis.
  static let recurrent: [String: Rule] = {
    var table: [String: Rule] = [:]
    for (operation, gates) in [("LSTM", 4), ("GRU", 3), ("RNN", 1)] {
      table[operation] = { context, node in recur(&context, node, gates: gates) }
    }
    return table
  }()

  private static func recur(
    _ context: inout SymmetryContext, _ node: ModelGraph.Node, gates: Int
  ) {
    let x = context.axes(of: node.inputs[0])
    let weight = context.axes(of: node.inputs[1])
    let recurrence = context.axes(of: node.inputs[2])
    let isBatchFirst = context.call(node).int("layout") == 1
    let (steps, batch) = isBatchFirst ? (x[1], x[0]) : (x[0], x[1])
    let (hidden, directions) = (recurrence[2], weight[0])
    context.fix(steps, "is a step of a sequence")
    context.fix(directions, "is a direction of a recurrent layer")
    context.unify(x[2], weight[2])

    /// The axis of `count` blocks of hidden units.
    func blocks(_ count: Int) -> SymmetryContext.Axis {
      let block = context.partition.leaf(count, fixed: "is a gate of a recurrent layer")
      return context.partition.product([block, hidden])
    }
    context.unify(weight[1], blocks(gates))
    context.unify(recurrence[1], blocks(gates))
    context.unify(recurrence[0], directions)
    for (index, count) in [(3, 2 * gates), (7, 3)] where node.inputs.count > index {
      guard !node.inputs[index].isEmpty else { continue }
      let axes = context.axes(of: node.inputs[index])
      context.unify(axes[0], directions)
      context.unify(axes[1], blocks(count))
    }
    for index in [5, 6] where node.inputs.count > index && !node.inputs[index].isEmpty {
      for (position, axis) in context.axes(of: node.inputs[index]).enumerated() {
        let known = position == 2 ? hidden : position == (isBatchFirst ? 0 : 1) ? batch : directions
        context.unify(axis, known)
      }
    }
    let shapes =
      isBatchFirst
      ? [[batch, steps, directions, hidden], [batch, directions, hidden]]
      : [[steps, directions, batch, hidden], [directions, batch, hidden]]
    for (position, name) in node.outputs.enumerated() {
      context.set(name, shapes[min(position, 1)])
    }
  }
}
