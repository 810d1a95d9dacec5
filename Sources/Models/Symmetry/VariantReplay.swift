internal import Tensors

/// Many runs in one batch, each with one parameter changed.
///
/// A row of the batch is a run of its own. Only the nodes that read a changed parameter are evaluated
/// row by row; what follows them is evaluated once for all rows, from the first such node on. This
/// needs a network whose every value keeps the rows apart, one after the other along its first axis,
/// which is tried when a replay is made and seen again in every batch: its last row is a run with
/// nothing changed.
struct VariantReplay {
  /// A parameter's changed value.
  typealias Variant = (name: String, tensor: Tensor)

  private let pass: ForwardPass
  private let parameters: [String: Tensor]
  /// Values of a run of one row.
  private let values: [String: Tensor]
  /// Values of a run of all rows that do not have the rows along their first axis.
  private let shared: [String: Tensor]
  /// Values whose first axis is made of the rows.
  private let batched: Set<String>
  private let rowCount: Int

  /// The number of variants that a batch holds.
  var capacity: Int { rowCount - 1 }

  /// - Parameters:
  ///   - pass: The network, in double precision.
  ///   - inputs: One input: the first axis of each has size 1.
  ///   - parameters: The parameters that variants change one at a time.
  ///   - seed: For other inputs, beside which the first must come out as it does alone.
  /// - Returns: `nil` for a network whose values do not keep the rows apart.
  init?(
    _ pass: ForwardPass, inputs: [String: Tensor], parameters: [String: Tensor], seed: UInt64
  ) throws {
    let graph = pass.graph
    guard
      graph.inputs.allSatisfy({ $0.shape.first == .some(nil) && inputs[$0.name]?.shape[0] == 1 })
    else { return nil }
    var values: [String: Tensor] = [:]
    try withoutGradients {
      try pass.visit(inputs, parameters: parameters) { name, tensor in
        values[name] = tensor
        return true
      }
    }
    // Half a gigabyte of doubles for the largest value. A row is computed from the batch's first
    // changed parameter on, not from its own, so that very many would cost more than they save.
    let largest = values.values.map(\.count).max() ?? 1
    let rowCount = min(12, (1 << 26) / max(largest, 1))
    guard rowCount >= 4 else { return nil }

    var generator = SeededGenerator(seed: seed)
    let rows = try inputs.mapValues { tensor in
      let others = try (0..<(rowCount - 2)).map { _ in
        guard tensor.elementType.isFloatingPoint else { return tensor }
        return try Tensor.normal(tensor.shape, seed: generator.next(), type: .float64)
      }
      return try Tensor.concatenated([tensor] + others + [tensor])
    }
    var shared: [String: Tensor] = [:]
    var batched: Set<String> = []
    try withoutGradients {
      try pass.visit(rows, parameters: parameters) { name, tensor in
        if let alone = values[name], try Self.keepsApart(tensor, rowCount, alone: alone) {
          batched.insert(name)
        } else {
          shared[name] = tensor
        }
        return true
      }
    }
    guard Self.dependent(on: graph.inputs.map(\.name), in: graph).isSubset(of: batched),
      graph.outputs.allSatisfy({ batched.contains($0.name) })
    else { return nil }
    self.pass = pass
    self.parameters = parameters
    self.values = values
    self.shared = shared
    self.batched = batched
    self.rowCount = rowCount
  }

  /// The graph's outputs for each variant.
  ///
  /// - Parameter variants: At most ``capacity``.
  /// - Returns: `nil` when a row with nothing changed did not come out as it does alone.
  func outputs(of variants: [Variant]) throws -> [[Tensor]]? {
    precondition(variants.count <= capacity, "more variants than rows")
    var run = Run(replay: self)
    for (index, variant) in variants.enumerated() {
      run.own[variant.name, default: [:]][index] = variant.tensor
    }
    try withoutGradients {
      for (index, node) in pass.graph.nodes.enumerated() { try run.step(node, at: index) }
    }
    let alone = try outputs(of: run, row: nil)
    let control = try outputs(of: run, row: rowCount - 1)
    for (a, b) in zip(control, alone) where try !Self.isClose(a, b) { return nil }
    return try variants.indices.map { try outputs(of: run, row: $0) }
  }

  private func outputs(of run: Run, row: Int?) throws -> [Tensor] {
    try pass.graph.outputs.compactMap { port in
      try run.value(port.name, row: row)?.cast(to: .float64)
    }
  }

  /// Whether the first and last rows of a value are what one row alone gives.
  private static func keepsApart(_ tensor: Tensor, _ rows: Int, alone: Tensor) throws -> Bool {
    let size = alone.shape.first ?? 0
    guard size > 0, tensor.shape == [size * rows] + alone.shape.dropFirst() else { return false }
    return try isClose(tensor.slice(0..<size), alone)
      && isClose(tensor.slice((size * (rows - 1))..<(size * rows)), alone)
  }

  private static func isClose(_ a: Tensor, _ b: Tensor) throws -> Bool {
    guard a.elementType.isFloatingPoint else { return try a.isIdentical(to: b) }
    let difference = try a.subtracting(b).largestMagnitude()
    return try difference <= SymmetryCheck.tolerance * b.largestMagnitude()
  }

  /// The values that some values take part in, other than by their shapes.
  private static func dependent(on names: [String], in graph: ModelGraph) -> Set<String> {
    graph.nodes.reduce(into: Set(names)) { result, node in
      guard node.operation != "Shape", node.operation != "Size" else { return }
      if node.inputs.contains(where: result.contains) {
        result.formUnion(node.outputs.filter { !$0.isEmpty })
      }
    }
  }
}

extension VariantReplay {
  /// What differs from a run with nothing changed, up to some node.
  private struct Run {
    let replay: VariantReplay
    /// Values without rows, of the variants in which they are changed, by row.
    var own: [String: [Int: Tensor]] = [:]
    /// Values with rows, some of which are changed.
    var stacks: [String: Tensor] = [:]

    mutating func step(_ node: ModelGraph.Node, at index: Int) throws {
      guard node.operation != "Shape", node.operation != "Size" else { return }
      let rows = Set(node.inputs.flatMap { own[$0].map { Array($0.keys) } ?? [] }).sorted()
      let isStacked = node.inputs.contains { stacks[$0] != nil }
      guard isStacked || !rows.isEmpty else { return }
      defer { for name in replay.pass.lastReads[index] { stacks[name] = nil } }
      let singles = try rows.map { row in
        (row: row, outputs: try evaluate(node) { try value($0, row: row) })
      }
      let needsAll = isStacked && node.outputs.contains { replay.batched.contains($0) }
      let all = needsAll ? try evaluate(node) { try everyRow($0) } : []
      // An evaluator leaves out outputs that inference has no use for.
      let made = singles.first?.outputs.count ?? all.count
      for (position, name) in node.outputs.prefix(made).enumerated() where !name.isEmpty {
        if replay.batched.contains(name) {
          guard let whole = needsAll ? all[position] : try everyRow(name) else { continue }
          stacks[name] = try replaced(whole, singles.map { ($0.row, $0.outputs[position]) })
        } else {
          for single in singles { own[name, default: [:]][single.row] = single.outputs[position] }
        }
      }
    }

    private func evaluate(_ node: ModelGraph.Node, reading read: (String) throws -> Tensor?) throws
      -> [Tensor]
    {
      let graph = replay.pass.graph
      return try OperatorTable.evaluate(
        OperatorCall(
          node: node, inputs: node.inputs.map { try $0.isEmpty ? nil : read($0) },
          operatorSet: graph.operatorSet, mode: .inference))
    }

    /// A value in the run of one row; with nothing changed when `row` is `nil`.
    func value(_ name: String, row: Int?) throws -> Tensor? {
      if let row {
        if let changed = own[name]?[row] { return changed }
        if let stack = stacks[name] {
          let size = stack.shape[0] / replay.rowCount
          return try stack.slice((row * size)..<((row + 1) * size))
        }
      }
      return replay.values[name] ?? constant(name)
    }

    /// A value in the run of all rows, as far as rows have not got their own.
    private func everyRow(_ name: String) throws -> Tensor? {
      if let stack = stacks[name] { return stack }
      guard replay.batched.contains(name), let alone = replay.values[name] else {
        return replay.shared[name] ?? constant(name)
      }
      if alone.shape[0] == 1 {
        return try alone.expanded(to: [replay.rowCount] + alone.shape.dropFirst())
      }
      return try Tensor.concatenated(Array(repeating: alone, count: replay.rowCount))
    }

    private func constant(_ name: String) -> Tensor? {
      replay.parameters[name] ?? replay.pass.graph.initializers[name]
    }

    private func replaced(_ whole: Tensor, _ rows: [(Int, Tensor)]) throws -> Tensor {
      let size = whole.shape[0] / replay.rowCount
      var parts: [Tensor] = []
      var start = 0
      for (row, tensor) in rows {
        if start < row * size { parts.append(try whole.slice(start..<(row * size))) }
        parts.append(tensor)
        start = (row + 1) * size
      }
      if start < whole.shape[0] { parts.append(try whole.slice(start..<whole.shape[0])) }
      return parts.count == 1 ? parts[0] : try Tensor.concatenated(parts)
    }
  }
}
