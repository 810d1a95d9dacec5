public import Tensors

extension ModelGraph {
  /// Two made-up inputs, for looking at shapes.
  ///
  /// Sizes that the model leaves open, other than the batch, are tried from `sizes` until a forward
  /// pass succeeds; sizes that the model calls by one name are the same. Integers are drawn below
  /// the size of the smallest table they look up.
  ///
  /// - Parameters:
  ///   - seed: For the elements.
  ///   - sizes: What to try for sizes that are open.
  ///   - shapes: Whole shapes of some inputs, by name; the others' are made up.
  /// - Throws: The error of the first attempt when no size works;
  ///   ``ModelError/inputShape(name:expected:found:)`` for a shape that the model does not allow, and
  ///   ``ModelError/unknownInput(name:known:)``.
  public func sampleInputs(
    seed: UInt64, sizes: [Int] = [8, 32, 64, 224, 512], shapes: [String: [Int]] = [:]
  ) throws -> [String: Tensor] {
    try check(shapes)
    let pass = hasBranches ? nil : try ForwardPass(self)
    var firstError: (any Error)?
    for size in sizes {
      let inputs = try sampleInputs(seed: seed, openSize: size, shapes)
      do {
        if let pass {
          _ = try withoutGradients { try pass.values(inputs) }
        } else {
          _ = try takingBranches(of: inputs)
        }
        return inputs
      } catch {
        firstError = firstError ?? error
      }
    }
    throw firstError ?? ModelError.missingInput(name: inputs.first?.name ?? "")
  }

  private func check(_ shapes: [String: [Int]]) throws {
    for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
      guard let port = inputs.first(where: { $0.name == name }) else {
        throw ModelError.unknownInput(name: name, known: inputs.map(\.name))
      }
      guard port.allows(shape) else {
        throw ModelError.inputShape(name: name, expected: port.shape, found: shape)
      }
    }
  }

  private func sampleInputs(
    seed: UInt64, openSize: Int, _ shapes: [String: [Int]]
  ) throws -> [String: Tensor] {
    var generator = SeededGenerator(seed: seed)
    // A size that is given in one place is known wherever it is called by the same name.
    var named = inputs.reduce(into: [String: Int]()) { sizes, port in
      for (axis, symbol) in port.symbols {
        if let size = shapes[port.name]?[axis] { sizes[symbol] = size }
      }
    }
    for port in inputs where shapes[port.name] == nil {
      if let symbol = port.symbols[0] { named[symbol] = named[symbol] ?? 2 }
    }
    return try inputs.reduce(into: [:]) { result, port in
      let shape =
        shapes[port.name]
        ?? port.shape.enumerated().map { axis, size in
          size ?? port.symbols[axis].flatMap { named[$0] } ?? (axis == 0 ? 2 : openSize)
        }
      try ValueLimit.check(shape, .float64) {
        .unsupported(operation: "input", node: port.name, reason: $0)
      }
      if port.type.isFloatingPoint {
        result[port.name] = try Tensor.normal(shape, seed: generator.next(), type: port.type)
      } else {
        let bound = tableSize(lookedUpBy: port.name)
        let elements = (0..<shape.reduce(1, *)).map { _ in
          Int64.random(in: 0..<Int64(bound), using: &generator)
        }
        result[port.name] = try Tensor(elements, shape: shape).cast(to: port.type)
      }
    }
  }

  /// The number of rows of the smallest table that an input selects from; 2 when there is none.
  private func tableSize(lookedUpBy input: String) -> Int {
    var names: Set = [input]
    var smallest: Int?
    for node in nodes {
      if node.operation == "Gather", node.inputs.count > 1, names.contains(node.inputs[1]),
        let rows = initializers[node.inputs[0]]?.shape.first
      {
        smallest = min(smallest ?? rows, rows)
      }
      if ["Cast", "Identity", "Unsqueeze", "Squeeze", "Reshape"].contains(node.operation),
        names.contains(node.inputs[0])
      {
        names.formUnion(node.outputs)
      }
    }
    return smallest ?? 2
  }
}
