extension SymmetryRules {
  /// Operators that move elements without changing them.
  static let shaping: [String: Rule] = [
    "Reshape": reshapes,
    "Flatten": reshapes,
    "Squeeze": reshapes,
    "Unsqueeze": reshapes,
    "Transpose": { context, node in
      let x = context.axes(of: node.inputs[0])
      let order = context.call(node).ints("perm") ?? Array(x.indices.reversed())
      context.set(node, order.map { x[$0] })
    },
    "Concat": { context, node in
      let operands = node.inputs.filter { !$0.isEmpty }.map { context.axes(of: $0) }
      let call = context.call(node)
      let axis = try call.axis(call.int("axis") ?? 0, rank: operands[0].count)
      var result = operands[0]
      for operand in operands.dropFirst() {
        for index in result.indices where index != axis {
          context.unify(result[index], operand[index])
        }
      }
      result[axis] = context.partition.sum(operands.map { $0[axis] })
      context.set(node, result)
    },
    "Split": { context, node in
      let x = context.axes(of: node.inputs[0])
      let call = context.call(node)
      let axis = try call.axis(call.int("axis") ?? 0, rank: x.count)
      let sizes = try OperatorTable.splitSizes(call, size: context.partition.size(x[axis]))
      let parts = sizes.map { context.partition.leaf($0) }
      context.unify(context.partition.sum(parts), x[axis])
      for (name, part) in zip(node.outputs, parts) {
        var axes = x
        axes[axis] = part
        context.set(name, axes)
      }
    },
    "Slice": { context, node in
      var axes = context.axes(of: node.inputs[0])
      let slices = try OperatorTable.slices(
        context.call(node), shape: context.shape(node.inputs[0]))
      for (axis, indices) in slices {
        axes[axis] = sliced(&context, axes[axis], indices)
      }
      context.set(node, axes)
    },
    "Gather": { context, node in
      let x = context.axes(of: node.inputs[0])
      let call = context.call(node)
      let axis = try call.axis(call.int("axis") ?? 0, rank: x.count)
      context.fix(x[axis], "is looked up by position")
      let picked = context.axes(of: node.inputs[1])
      context.set(node, x[..<axis] + picked + x[(axis + 1)...])
    },
    "Expand": { context, node in
      let x = context.axes(of: node.inputs[0])
      let shape = context.shape(node.outputs[0])
      let lead = shape.count - x.count
      context.set(
        node,
        shape.indices.map { index in
          let known = index >= lead ? x[index - lead] : nil
          if let known, context.partition.size(known) == shape[index] { return known }
          return context.partition.leaf(shape[index])
        })
    },
    "Pad": { context, node in
      var axes = context.axes(of: node.inputs[0])
      let pads = try OperatorTable.padding(context.call(node), rank: axes.count)
      for (axis, pad) in pads.enumerated() where pad.before != 0 || pad.after != 0 {
        let isRepeated = (context.call(node).string("mode") ?? "constant") != "constant"
        guard pad.before >= 0, pad.after >= 0, !isRepeated else {
          let reason = isRepeated ? "is padded with itself" : "is cropped"
          context.fix(axes[axis], reason)
          let size = context.shape(node.outputs[0])[axis]
          axes[axis] = context.partition.leaf(size, fixed: reason)
          continue
        }
        let before = context.partition.leaf(pad.before, fixed: "is padding")
        let after = context.partition.leaf(pad.after, fixed: "is padding")
        axes[axis] = context.partition.sum([before, axes[axis], after])
      }
      context.set(node, axes)
    },
    "Trilu": { context, node in
      let x = context.axes(of: node.inputs[0])
      for axis in x.suffix(2) { context.fix(axis, "is cut along its diagonal") }
      context.set(node, x)
    },
  ]

  /// Joins and divides axes: both shapes are cut into the shortest runs of equal size.
  private static let reshapes: Rule = { context, node in
    let x = context.axes(of: node.inputs[0])
    let shape = context.shape(node.outputs[0])
    var result = shape.map { context.partition.leaf($0) }
    var (i, j) = (0, 0)
    while i < x.count || j < shape.count {
      let (firstInput, firstOutput) = (i, j)
      var (before, after) = (1, 1)
      func takeInput() {
        before *= context.partition.size(x[i])
        i += 1
      }
      func takeOutput() {
        after *= shape[j]
        j += 1
      }
      if i < x.count { takeInput() }
      if j < shape.count { takeOutput() }
      while before != after, before < after ? i < x.count : j < shape.count {
        if before < after { takeInput() } else { takeOutput() }
      }
      let inputs = x[firstInput..<i].filter { context.partition.size($0) > 1 }
      let outputs = (firstOutput..<j).filter { shape[$0] > 1 }
      if outputs.count == 1 {
        result[outputs[0]] = context.partition.product(inputs)
      } else if !outputs.isEmpty {
        let grid = context.partition.product(outputs.map { result[$0] })
        context.unify(grid, context.partition.product(inputs))
      }
    }
    context.set(node, result)
  }

  /// What is left of an axis of which only some positions are kept.
  private static func sliced(
    _ context: inout SymmetryContext, _ axis: SymmetryContext.Axis, _ indices: [Int]
  ) -> SymmetryContext.Axis {
    let size = context.partition.size(axis)
    if indices == Array(0..<size) { return axis }
    guard let first = indices.first, indices == Array(first..<(first + indices.count)) else {
      context.fix(axis, "is sliced with a step")
      return context.partition.leaf(indices.count, fixed: "is sliced with a step")
    }
    let before = context.partition.leaf(first)
    let kept = context.partition.leaf(indices.count)
    let after = context.partition.leaf(size - first - indices.count)
    context.unify(context.partition.sum([before, kept, after]), axis)
    return kept
  }
}
