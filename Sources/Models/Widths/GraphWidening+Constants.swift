internal import Symmetry
internal import Tensors

/// Sizes that a graph states as constants.
extension GraphWidening {
  /// The graph with every stated size as it is at other widths; parameters stay.
  func resized(_ graph: ModelGraph, to sizes: [GroupID: Int]) throws -> ModelGraph {
    var result = graph
    for (index, node) in graph.nodes.enumerated() {
      switch node.operation {
      case "Reshape", "Expand":
        let wanted = (groups.valueStructures[node.outputs[0]] ?? []).map { axis in
          isChanged(axis, sizes) ? axis.resized(sizes).size : nil
        }
        guard wanted.contains(where: { $0 != nil }), node.inputs.count > 1 else { continue }
        try restate(input: 1, of: index, as: wanted, in: &result)
      case "Split":
        try restateSplit(index, sizes, in: &result)
      case "Slice":
        try restateSlice(index, sizes, in: &result)
      case "Conv":
        guard case .int(let count)? = node.attributes["group"], count > 1,
          let input = groups.valueStructures[node.inputs[0]]?[1],
          let weight = groups.structures[node.inputs[1]]?[1]
        else { continue }
        result.nodes[index].attributes["group"] = .int(
          input.resized(sizes).size / weight.resized(sizes).size)
      default: continue
      }
    }
    return result
  }

  private func isChanged(_ axis: AxisStructure, _ sizes: [GroupID: Int]) -> Bool {
    axis.resized(sizes) != axis
  }

  /// Writes a node's shape operand anew.
  ///
  /// - Parameter wanted: By axis its size; `nil` where it stays as it is stated. An axis stated as 0 or
  ///   -1 is worked out by the operator itself.
  private func restate(
    input: Int, of index: Int, as wanted: [Int?], in result: inout ModelGraph
  ) throws {
    let node = result.nodes[index]
    let name = node.inputs[input]
    if let literal = literal(name) {
      let stated = try literal.integers()
      guard stated.count == wanted.count else { throw refused(node) }
      let values = zip(stated, wanted).map { $0 > 0 ? $1 ?? $0 : $0 }
      if values == stated { return }
      result.nodes[index].inputs[input] = try add(values, for: node, input, to: &result)
    } else if let maker = result.nodes.firstIndex(where: { $0.outputs.contains(name) }),
      result.nodes[maker].operation == "Concat"
    {
      // A shape put together from computed and stated parts; each part is as long as it was.
      guard graph.nodes.count(where: { $0.inputs.contains(name) }) == 1 else { throw refused(node) }
      var start = 0
      for (part, operand) in result.nodes[maker].inputs.enumerated() {
        let count = trace.shapes[operand]?.first ?? 1
        guard start + count <= wanted.count else { throw refused(node) }
        if literal(operand) != nil {
          try restate(
            input: part, of: maker, as: Array(wanted[start..<(start + count)]), in: &result)
        }
        start += count
      }
    }
  }

  private func restateSplit(
    _ index: Int, _ sizes: [GroupID: Int], in result: inout ModelGraph
  ) throws {
    let node = graph.nodes[index]
    let call = OperatorCall(
      node: node, inputs: node.inputs.map { trace.fixedValues[$0] },
      operatorSet: graph.operatorSet, mode: .inference)
    let rank = trace.shapes[node.inputs[0]]?.count ?? 0
    let axis = try call.axis(call.int("axis") ?? 0, rank: rank)
    let parts = node.outputs.compactMap { groups.valueStructures[$0]?[axis] }
    guard parts.contains(where: { isChanged($0, sizes) }) else { return }
    let wanted = parts.map { $0.resized(sizes).size }
    guard parts.count == node.outputs.count else { throw refused(node) }
    if node.attributes["split"] != nil {
      result.nodes[index].attributes["split"] = .ints(wanted)
    } else if node.inputs.count > 1, !node.inputs[1].isEmpty {
      guard literal(node.inputs[1]) != nil else { throw refused(node) }
      result.nodes[index].inputs[1] = try add(wanted, for: node, 1, to: &result)
    } else if Set(wanted).count > 1 {
      throw refused(node)
    }
  }

  private func restateSlice(
    _ index: Int, _ sizes: [GroupID: Int], in result: inout ModelGraph
  ) throws {
    let node = graph.nodes[index]
    let axes = groups.valueStructures[node.inputs[0]] ?? []
    guard axes.contains(where: { isChanged($0, sizes) }) else { return }
    let call = OperatorCall(
      node: node, inputs: node.inputs.map { trace.fixedValues[$0] },
      operatorSet: graph.operatorSet, mode: .inference)
    let slices = try OperatorTable.slices(call, shape: trace.shapes[node.inputs[0]] ?? [])
    guard slices.contains(where: { isChanged(axes[$0.axis], sizes) }) else { return }
    guard literal(node.inputs[1]) != nil, literal(node.inputs[2]) != nil else {
      throw refused(node)
    }
    var starts = try call.input(1).integers()
    var ends = try call.input(2).integers()
    for (position, slice) in slices.enumerated() where isChanged(axes[slice.axis], sizes) {
      guard let first = slice.indices.first, let last = slice.indices.last,
        slice.indices == Array(first...last)
      else { throw refused(node) }
      let places = axes[slice.axis].positions([:], in: sizes)
      starts[position] = places[first]
      ends[position] =
        last + 1 == places.count ? axes[slice.axis].resized(sizes).size : places[last + 1]
    }
    result.nodes[index].inputs[1] = try add(starts, for: node, 1, to: &result)
    result.nodes[index].inputs[2] = try add(ends, for: node, 2, to: &result)
  }

  /// A constant that the graph states, as opposed to one that it computes.
  private func literal(_ name: String) -> Tensor? {
    graph.initializers[name]
      ?? (graph.nodes.contains { $0.operation == "Constant" && $0.outputs.contains(name) }
        ? trace.fixedValues[name] : nil)
  }

  /// A constant of its own for one operand, so that other readers keep theirs.
  private func add(
    _ values: [Int], for node: ModelGraph.Node, _ input: Int, to result: inout ModelGraph
  ) throws -> String {
    let name = "\(node.outputs[0]).sizes\(input)"
    result.initializers[name] = try Tensor(values.map(Int64.init), shape: [values.count])
      .cast(to: literal(node.inputs[input])?.elementType ?? .int64)
    return name
  }

  private func refused(_ node: ModelGraph.Node) -> ModelError {
    .fixedWidth(
      reason:
        "operator \(node.label) (\(node.operation)) states a size in a way that can't be changed")
  }
}
