extension SymmetryRules {
  /// Operators with weights.
  static let layers: [String: Rule] = [
    "MatMul": { context, node in
      var a = context.axes(of: node.inputs[0])
      var b = context.axes(of: node.inputs[1])
      // A vector has a single axis, which is contracted.
      let rows = a.count > 1 ? [a.remove(at: a.count - 2)] : []
      let columns = b.count > 1 ? [b.removeLast()] : []
      context.unify(a.removeLast(), b.removeLast())
      let batch = context.unified(a, b)
      context.set(node, batch + rows + columns)
    },
    "Gemm": { context, node in
      let call = context.call(node)
      var a = context.axes(of: node.inputs[0])
      var b = context.axes(of: node.inputs[1])
      if call.int("transA") == 1 { a.reverse() }
      if call.int("transB") == 1 { b.reverse() }
      context.unify(a[1], b[0])
      context.set(node, [a[0], b[1]])
      guard node.inputs.count > 2, !node.inputs[2].isEmpty else { return }
      if context.losesBias(node.inputs[2], addedBy: node) { return }
      context.set(node, context.broadcast([node.outputs[0], node.inputs[2]]))
    },
    "Conv": { context, node in
      let x = context.axes(of: node.inputs[0])
      let weight = context.axes(of: node.inputs[1])
      let groups = context.call(node).int("group") ?? 1
      if groups == 1 {
        context.unify(x[1], weight[1])
      } else {
        let group = context.partition.leaf(groups)
        let outputs = context.partition.leaf(context.partition.size(weight[0]) / groups)
        context.unify(x[1], context.partition.product([group, weight[1]]))
        context.unify(weight[0], context.partition.product([group, outputs]))
      }
      for axis in x[2...] + weight[2...] { context.fix(axis, "is a position of a convolution") }
      bias(&context, node, weight[0])
      context.set(node, [x[0], weight[0]] + positions(&context, node, from: 2))
    },
    "BatchNormalization": perChannel,
    "InstanceNormalization": perChannel,
    "LayerNormalization": { context, node in
      let x = context.axes(of: node.inputs[0])
      for name in node.inputs.dropFirst() where !name.isEmpty {
        let weights = context.axes(of: name)
        for (axis, weight) in zip(x.suffix(weights.count), weights) {
          context.unify(axis, weight)
        }
      }
      context.set(node, x)
    },
    "Einsum": { context, node in
      let call = context.call(node)
      let parts = (call.string("equation") ?? "").filter { $0 != " " }.split(separator: "->")
      guard parts.count == 2, !parts.contains(where: { $0.contains(".") }) else {
        throw call.unsupported("needs an equation with an arrow and without dots")
      }
      var labels: [Character: SymmetryContext.Axis] = [:]
      for (name, subscripts) in zip(node.inputs, parts[0].split(separator: ",")) {
        for (axis, label) in zip(context.axes(of: name), subscripts) {
          if let known = labels[label] {
            context.unify(known, axis)
          } else {
            labels[label] = axis
          }
        }
      }
      context.set(node, parts[1].compactMap { labels[$0] })
    },
  ]

  /// A convolution's bias has the axis of its channels.
  ///
  /// What an instance normalisation reads loses its mean in every channel, the bias with it. Such a
  /// bias changes nothing wherever it is, and ties nothing.
  static func bias(
    _ context: inout SymmetryContext, _ node: ModelGraph.Node, _ channels: SymmetryContext.Axis
  ) {
    guard node.inputs.count > 2, !node.inputs[2].isEmpty else { return }
    let axis = context.axes(of: node.inputs[2])[0]
    let graph = context.graph
    let readers = graph.nodes.filter { $0.inputs.contains(node.outputs[0]) }
    let isLost =
      !readers.isEmpty && !graph.outputs.contains { $0.name == node.outputs[0] }
      && graph.nodes.count { $0.inputs.contains(node.inputs[2]) } == 1
      && readers.allSatisfy {
        $0.operation == "InstanceNormalization" && $0.inputs[0] == node.outputs[0]
      }
    if isLost {
      context.fix(axis, "is taken away by the normalisation that follows")
    } else {
      context.unify(axis, channels)
    }
  }

  private static let perChannel: Rule = { context, node in
    let x = context.axes(of: node.inputs[0])
    for name in node.inputs.dropFirst() where !name.isEmpty {
      context.unify(context.axes(of: name)[0], x[1])
    }
    for name in node.outputs.prefix(1) { context.set(name, x) }
  }

  /// Fresh fixed axes for the positions of a node's output, from axis `start` on.
  static func positions(
    _ context: inout SymmetryContext, _ node: ModelGraph.Node, from start: Int
  ) -> [SymmetryContext.Axis] {
    context.shape(node.outputs[0])[start...].map {
      context.partition.leaf($0, fixed: "is a position of a feature map")
    }
  }
}

extension SymmetryContext {
  /// Two lists of axes that broadcast together, counted from the back.
  mutating func unified(_ a: [Axis], _ b: [Axis]) -> [Axis] {
    let rank = max(a.count, b.count)
    return (0..<rank).map { position in
      let left = a.count - rank + position
      let right = b.count - rank + position
      if left < 0 { return b[right] }
      if right < 0 { return a[left] }
      if partition.size(a[left]) == 1 { return b[right] }
      if partition.size(b[right]) > 1 { unify(a[left], b[right]) }
      return a[left]
    }
  }
}
