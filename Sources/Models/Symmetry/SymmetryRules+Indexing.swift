extension SymmetryRules {
  /// Operators that read and write elements at places that a tensor names, or repeat them.
  static let indexing: [String: Rule] = [
    "ScatterND": { context, node in
      let x = context.axes(of: node.inputs[0])
      let indices = context.axes(of: node.inputs[1])
      let updates = context.axes(of: node.inputs[2])
      if let axes = try overwritten(&context, node, x, updates) {
        context.set(node, axes)
        return
      }
      let count = min(context.shape(node.inputs[1]).last ?? 0, x.count)
      for axis in x[..<count] { context.fix(axis, "is written to by position") }
      for (axis, other) in zip(indices.dropLast(), updates) { context.unify(axis, other) }
      for (axis, other) in zip(x[count...], updates.dropFirst(indices.count - 1)) {
        context.unify(axis, other)
      }
      context.set(node, x)
    },
    "GatherND": { context, node in
      let x = context.axes(of: node.inputs[0])
      let indices = context.axes(of: node.inputs[1])
      let count = min(context.shape(node.inputs[1]).last ?? 0, x.count)
      for axis in x[..<count] + indices.suffix(1) { context.fix(axis, "is looked up by position") }
      context.set(node, Array(indices.dropLast() + x[count...]))
    },
    "GatherElements": { context, node in
      for axis in context.axes(of: node.inputs[0]) + context.axes(of: node.inputs[1]) {
        context.fix(axis, "is looked up by position")
      }
      context.set(
        node,
        context.shape(node.outputs[0]).map {
          context.partition.leaf($0, fixed: "is looked up by position")
        })
    },
    "Tile": { context, node in
      let x = context.axes(of: node.inputs[0])
      let repeats = try context.call(node).input(1).integers()
      context.set(
        node,
        zip(x, repeats).map { axis, count in
          count == 1
            ? axis
            : context.partition.product([
              context.partition.leaf(count, fixed: "is the number of a copy"), axis,
            ])
        })
    },
    "CumSum": { context, node in
      let x = context.axes(of: node.inputs[0])
      let call = context.call(node)
      guard let place = try call.input(1).integers().first else {
        throw call.unsupported("has no axis")
      }
      context.fix(x[try call.axis(place, rank: x.count)], "is summed up in order")
      context.set(node, x)
    },
  ]

  /// The axes of a tensor of which a run of consecutive positions is written over, as an assignment to a
  /// slice does; `nil` for other positions.
  private static func overwritten(
    _ context: inout SymmetryContext, _ node: ModelGraph.Node, _ x: [SymmetryContext.Axis],
    _ updates: [SymmetryContext.Axis]
  ) throws -> [SymmetryContext.Axis]? {
    let shape = context.shape(node.inputs[1])
    guard shape.count == 2, shape[1] == 1,
      (context.call(node).string("reduction") ?? "none") == "none",
      let places = try context.trace.fixedValues[node.inputs[1]]?.integers(),
      let first = places.first,
      first >= 0, places == Array(first..<(first + places.count)), x.count == updates.count
    else { return nil }
    let size = context.partition.size(x[0])
    let before = context.partition.leaf(first)
    let lost = context.partition.leaf(places.count)
    let after = context.partition.leaf(size - first - places.count)
    context.unify(context.partition.sum([before, lost, after]), x[0])
    context.fix(lost, "is written over")
    for (axis, other) in zip(x, updates).dropFirst() { context.unify(axis, other) }
    return [context.partition.sum([before, updates[0], after])] + x.dropFirst()
  }
}
