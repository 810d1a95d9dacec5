internal import Tensors

/// What is known while the rules walk through a graph: the axes of every value so far.
struct SymmetryContext {
  typealias Axis = AxisPartition.Axis

  let graph: ModelGraph
  let trace: Trace
  let parameters: Set<String>
  private let softmaxes: SoftmaxInvariance
  var partition = AxisPartition()
  private(set) var axes: [String: [Axis]] = [:]

  init(graph: ModelGraph, trace: Trace) {
    self.graph = graph
    self.trace = trace
    parameters = Set(graph.parameterNames)
    softmaxes = SoftmaxInvariance(graph, shapes: trace.shapes)
    for port in graph.inputs {
      let shape = trace.shapes[port.name] ?? []
      axes[port.name] = shape.map {
        partition.leaf($0, fixed: "is an axis of the input \(port.name)")
      }
    }
  }

  func shape(_ name: String) -> [Int] { trace.shapes[name] ?? [] }

  /// The axes of a value; parameters start with axes of their own, constants with fixed ones.
  ///
  /// Where a constant repeats itself, as an initial state of zeros does, its axis fixes nothing, and
  /// it is another one wherever it is read.
  mutating func axes(of name: String) -> [Axis] {
    if let known = axes[name] { return known }
    let isParameter = parameters.contains(name)
    let free = isParameter ? [] : freeAxes(of: name)
    let created = shape(name).enumerated().map { index, size in
      partition.leaf(
        size, fixed: isParameter || free.contains(index) ? nil : "meets the constant \(name)")
    }
    if free.isEmpty { axes[name] = created }
    return created
  }

  mutating func set(_ name: String, _ value: [Axis]) {
    guard !name.isEmpty else { return }
    axes[name] = value
  }

  /// Gives a node's first output these axes.
  mutating func set(_ node: ModelGraph.Node, _ value: [Axis]) {
    for name in node.outputs.prefix(1) { set(name, value) }
  }

  mutating func unify(_ a: Axis, _ b: Axis) {
    guard partition.size(a) > 1 || partition.size(b) > 1 else { return }
    partition.unify(a, b)
  }

  mutating func fix(_ axis: Axis, _ reason: String) {
    guard partition.size(axis) > 1 else { return }
    partition.fix(axis, because: reason)
  }

  /// Whether a softmax takes a bias off again, as it does that of attention's keys.
  ///
  /// Such a bias changes nothing wherever it is: it keeps its place, and ties nothing.
  mutating func losesBias(_ name: String, addedBy node: ModelGraph.Node) -> Bool {
    guard parameters.contains(name), softmaxes.takesOff(name, addedBy: node) else { return false }
    for axis in axes(of: name) { fix(axis, "is taken off again by the softmax that follows") }
    return true
  }

  /// The axes of operands that broadcast together; they become the result's.
  ///
  /// - Parameter rank: The number of axes of the result; at least the largest operand's.
  mutating func broadcast(_ names: [String], rank: Int? = nil) -> [Axis] {
    let operands = names.map { name in (axes(of: name), freeAxes(of: name)) }
    let rank = max(rank ?? 0, operands.map(\.0.count).max() ?? 0)
    return (0..<rank).map { position in
      var result: Axis?
      for (axes, free) in operands {
        let index = axes.count - rank + position
        guard index >= 0, !free.contains(index), partition.size(axes[index]) > 1 else { continue }
        if let result { unify(result, axes[index]) } else { result = axes[index] }
      }
      if let result { return result }
      // Only constants that repeat themselves, or axes of size 1.
      let sizes = operands.compactMap { axes, _ -> Int? in
        let index = axes.count - rank + position
        return index >= 0 ? partition.size(axes[index]) : nil
      }
      return partition.leaf(sizes.max() ?? 1)
    }
  }

  /// Axes along which a constant repeats itself, so that permuting them changes nothing.
  private func freeAxes(of name: String) -> Set<Int> {
    guard let value = trace.fixedValues[name] else { return [] }
    return Set(
      value.shape.indices.filter { axis in
        guard value.shape[axis] > 1 else { return true }
        let repeated = try? value.slice(0..<1, axis: axis).expanded(to: value.shape)
        return (try? repeated?.isIdentical(to: value)) ?? false
      })
  }

  /// A call that holds what is fixed of a node's inputs, to read attributes and shapes from.
  func call(_ node: ModelGraph.Node) -> OperatorCall {
    OperatorCall(
      node: node, inputs: node.inputs.map { trace.fixedValues[$0] },
      operatorSet: graph.operatorSet, mode: .inference)
  }
}
