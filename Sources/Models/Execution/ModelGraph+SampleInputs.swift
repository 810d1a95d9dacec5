public import Tensors

extension ModelGraph {
  /// Two made-up inputs, for looking at shapes.
  ///
  /// Sizes that the model leaves open, other than the batch, are tried from `sizes` until a forward
  /// pass succeeds. Integers are drawn below the size of the smallest table they look up.
  ///
  /// - Throws: The error of the first attempt when no size works.
  public func sampleInputs(seed: UInt64, sizes: [Int] = [8, 32, 64, 224]) throws
    -> [String: Tensor]
  {
    let pass = try ForwardPass(self)
    var firstError: (any Error)?
    for size in sizes {
      let inputs = try sampleInputs(seed: seed, openSize: size)
      do {
        _ = try withoutGradients { try pass.values(inputs) }
        return inputs
      } catch {
        firstError = firstError ?? error
      }
    }
    throw firstError ?? ModelError.missingInput(name: inputs.first?.name ?? "")
  }

  private func sampleInputs(seed: UInt64, openSize: Int) throws -> [String: Tensor] {
    var generator = SeededGenerator(seed: seed)
    return try inputs.reduce(into: [:]) { result, port in
      let shape = port.shape.enumerated().map { $1 ?? ($0 == 0 ? 2 : openSize) }
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
