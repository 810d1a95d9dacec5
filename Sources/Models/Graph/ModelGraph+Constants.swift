internal import Tensors

extension ModelGraph {
  /// The same graph with ``constantNames`` found: tensors of real numbers in a parameter's place that
  /// nobody can have learnt.
  ///
  /// A constant is stated with an architecture, so whatever training may have touched must not be one.
  /// An initializer is a parameter unless both where it goes and every number in it are those of
  /// - an attention mask: each element is 0 or one and the same number of those that masks are filled
  ///   with, and it only meets scores (`Add`, `Where`) on their way to a softmax;
  /// - frequencies of rotary embeddings: those of a published base, and they only reach `Cos` and `Sin`;
  /// - cosines or sines of rotary embeddings: of such frequencies, and they only multiply;
  /// - numbers of regions: one whole number all over, which is only written (`ScatterND`) into what whole
  ///   numbers and constants make, as Swin's masks are made of the numbers of windows.
  ///
  /// Numbers close to these are parameters: a mask with a learnt bias in it, tables of angles that
  /// were trained or stretched, an infinite weight of a product.
  ///
  /// - Complexity: O(size of the initializers that go such a way).
  public func findingConstants() throws -> ModelGraph {
    let ways = ConstantWays(self)
    var copy = self
    copy.constantNames = try ways.regions(of: self)
    for (name, tensor) in initializers where tensor.elementType.isFloatingPoint && tensor.count > 1
    {
      let isConstant =
        if ways.meetsScoresOnly(name) {
          try MaskFill.fills(tensor)
        } else if ways.reachesAnglesOnly(name) {
          try RotaryTable.frequencies(tensor)
        } else if ways.multipliesOnly(name) {
          try RotaryTable.turns(tensor)
        } else {
          false
        }
      if isConstant { copy.constantNames.insert(name) }
    }
    return copy
  }
}

/// Where a tensor goes in a graph.
private struct ConstantWays {
  private var readers: [String: [(node: ModelGraph.Node, place: Int)]] = [:]
  private let outputs: Set<String>

  init(_ graph: ModelGraph) {
    for node in graph.nodes {
      for (place, name) in node.inputs.enumerated() where !name.isEmpty {
        readers[name, default: []].append((node, place))
      }
    }
    outputs = Set(graph.outputs.map(\.name))
  }

  /// What follows from reading a value at one place of an operator.
  private enum Step {
    /// Its elements are moved, no more.
    case moves
    /// It is where it should get to.
    case arrives
    /// It goes another way.
    case strays
  }

  /// Operators that move the elements of their first operand.
  private static let moving: Set = [
    "Cast", "Expand", "Gather", "Identity", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze",
  ]

  private static func moves(_ node: ModelGraph.Node, _ place: Int) -> Bool {
    node.operation == "Concat" || (moving.contains(node.operation) && place == 0)
  }

  /// Whether a value is added to something, or chosen beside it, and what comes of it is given to
  /// softmaxes, all of it.
  func meetsScoresOnly(_ name: String) -> Bool {
    var scores: [String] = []
    let meets = arrive(from: [name]) { node, place in
      switch (node.operation, place) {
      case ("Add", _), ("Where", 1), ("Where", 2):
        scores += node.outputs
        return .arrives
      default: return Self.moves(node, place) && node.operation != "Concat" ? .moves : .strays
      }
    }
    return meets
      && arrive(from: scores) { node, place in
        switch (node.operation, place) {
        case ("Softmax", _), ("LogSoftmax", _): .arrives
        case ("Add", _), ("Where", 1), ("Where", 2), ("Cast", 0), ("Identity", 0), ("Reshape", 0),
          ("Unsqueeze", 0), ("Squeeze", 0):
          .moves
        default: .strays
        }
      }
  }

  /// Whether all that is made of a value by products becomes angles of cosines and sines.
  func reachesAnglesOnly(_ name: String) -> Bool {
    arrive(from: [name]) { node, place in
      switch node.operation {
      case "Cos", "Sin": .arrives
      case "MatMul", "Einsum", "Mul": .moves
      default: Self.moves(node, place) ? .moves : .strays
      }
    }
  }

  func multipliesOnly(_ name: String) -> Bool {
    arrive(from: [name]) { node, place in
      node.operation == "Mul" ? .arrives : Self.moves(node, place) ? .moves : .strays
    }
  }

  /// Tensors of one whole number that are written into what no input and no parameter take part in.
  func regions(of graph: ModelGraph) throws -> Set<String> {
    let candidates = try graph.initializers.filter { name, tensor in
      guard let uses = readers[name], !outputs.contains(name),
        uses.allSatisfy({ $0.node.operation == "ScatterND" && $0.place == 2 }),
        tensor.elementType.isFloatingPoint, tensor.count > 1
      else { return false }
      return try MaskFill.isRegion(tensor)
    }
    if candidates.isEmpty { return [] }
    var made = Set(candidates.keys)
    for (name, tensor) in graph.initializers
    where tensor.count <= 1 || !tensor.elementType.isFloatingPoint {
      made.insert(name)
    }
    for node in graph.nodes {
      let isShape = node.operation == "Shape" || node.operation == "Size"
      if isShape || node.inputs.allSatisfy({ $0.isEmpty || made.contains($0) }) {
        made.formUnion(node.outputs)
      }
    }
    return Set(
      candidates.keys.filter { name in
        readers[name]?.allSatisfy { made.contains($0.node.inputs[0]) } ?? false
      })
  }

  /// Whether every way from these values arrives, and there is one.
  private func arrive(
    from names: [String], _ step: (ModelGraph.Node, Int) -> Step
  ) -> Bool {
    var open = names
    var seen: Set<String> = []
    var hasArrived = false
    while let next = open.popLast() {
      guard seen.insert(next).inserted else { continue }
      if outputs.contains(next) { return false }
      for (node, place) in readers[next] ?? []
      where node.operation != "Shape" && node.operation != "Size" {
        switch step(node, place) {
        case .arrives: hasArrived = true
        case .moves: open += node.outputs
        case .strays: return false
        }
      }
    }
    return hasArrived
  }
}
