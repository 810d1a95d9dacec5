extension SymmetryRules {
  /// Operators that change the sizes of feature maps, and normalisation by more than a channel.
  static let resizing: [String: Rule] = [
    "Resize": resizes,
    "Upsample": resizes,
    "ConvTranspose": { context, node in
      let x = context.axes(of: node.inputs[0])
      let weight = context.axes(of: node.inputs[1])
      let groups = context.call(node).int("group") ?? 1
      context.unify(x[1], weight[0])
      var channels = weight[1]
      if groups > 1 {
        let group = context.partition.leaf(groups)
        let members = context.partition.leaf(context.partition.size(weight[0]) / groups)
        context.unify(weight[0], context.partition.product([group, members]))
        channels = context.partition.product([group, weight[1]])
      }
      for axis in x[2...] + weight[2...] { context.fix(axis, "is a position of a convolution") }
      bias(&context, node, channels)
      context.set(node, [x[0], channels] + positions(&context, node, from: 2))
    },
    "DepthToSpace": { context, node in
      let x = context.axes(of: node.inputs[0])
      let call = context.call(node)
      let block = try OperatorTable.blockSize(call)
      let cell = context.partition.leaf(block * block, fixed: "is a position of a feature map")
      let channels = context.partition.leaf(context.partition.size(x[1]) / (block * block))
      let parts = call.string("mode") == "CRD" ? [channels, cell] : [cell, channels]
      context.unify(context.partition.product(parts), x[1])
      for axis in x[2...] { context.fix(axis, "is a position of a feature map") }
      context.set(node, [x[0], channels] + positions(&context, node, from: 2))
    },
    "SpaceToDepth": { context, node in
      let x = context.axes(of: node.inputs[0])
      let block = try OperatorTable.blockSize(context.call(node))
      let cell = context.partition.leaf(block * block, fixed: "is a position of a feature map")
      for axis in x[2...] { context.fix(axis, "is a position of a feature map") }
      let channels = context.partition.product([cell, x[1]])
      context.set(node, [x[0], channels] + positions(&context, node, from: 2))
    },
    "GroupNormalization": { context, node in
      let x = context.axes(of: node.inputs[0])
      let channels = context.partition.size(x[1])
      let count = try OperatorTable.groupCount(context.call(node), channels: channels)
      // Groups change places as blocks, and members alike within all of them.
      let group = context.partition.leaf(count)
      let member = context.partition.leaf(channels / count)
      context.unify(context.partition.product([group, member]), x[1])
      for name in node.inputs.dropFirst() {
        let weight = context.axes(of: name)[0]
        context.unify(weight, context.partition.size(weight) == channels ? x[1] : group)
      }
      context.set(node, x)
    },
    "LRN": { context, node in
      let x = context.axes(of: node.inputs[0])
      context.fix(x[1], "is normalised by its neighbours")
      context.set(node, x)
    },
    "LpNormalization": passes,
  ]

  private static let resizes: Rule = { context, node in
    var axes = context.axes(of: node.inputs[0])
    for resizing in try AxisResizing.all(
      context.call(node), shape: context.shape(node.inputs[0]))
    {
      context.fix(axes[resizing.axis], "is interpolated")
      axes[resizing.axis] = context.partition.leaf(
        resizing.newSize, fixed: "is a position of a feature map")
    }
    context.set(node, axes)
  }
}
