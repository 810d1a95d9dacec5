internal import Symmetry
public import Tensors

/// Brings a network to other widths: the same function with slots that no unit takes.
///
/// A slot without a unit has weights of 0 coming in and going out, so that what it holds reaches
/// nothing. Sizes that the graph states as constants, the targets of a `Reshape` or the groups of a
/// convolution, are written anew. A layer that looks at all units together, such as a layer
/// normalisation, sees the empty slots: ``checkFunction(under:inputs:seed:)`` finds it.
public struct GraphWidening: Sendable {
  public let graph: ModelGraph
  /// The groups whose sizes can change; derived, not yet proved.
  public let groups: PermutationGroups
  let trace: Trace

  /// - Parameters:
  ///   - graph: The network.
  ///   - inputs: A small batch for every graph input; its shapes count.
  /// - Throws: As ``PermutationGroups/init(_:inputs:)``.
  public init(_ graph: ModelGraph, inputs: [String: Tensor]) throws {
    self.graph = graph
    let pass = try ForwardPass(graph)
    groups = try PermutationGroups(pass, inputs: inputs)
    trace = try Trace(pass, inputs: inputs, parameters: Set(graph.parameterNames))
  }

  /// The network at the placement's sizes.
  ///
  /// - Throws: ``ModelError/fixedWidth(reason:)`` where a size is stated in a way that can't be
  ///   rewritten.
  public func widened(to placement: UnitPlacement) throws -> ModelGraph {
    var result = try resized(graph, to: placement.sizes)
    for (name, tensor) in try widened(graph.parameters, to: placement) {
      result.initializers[name] = tensor
    }
    return result.withoutUnused()
  }

  /// Parameters at the placement's sizes.
  ///
  /// - Parameter parameters: Of this network.
  func widened(
    _ parameters: [String: Tensor], to placement: UnitPlacement
  ) throws -> [String: Tensor] {
    let positive = Self.divisors(in: graph)
    return try parameters.reduce(into: [:]) { result, entry in
      var tensor = entry.value
      for (axis, structure) in (groups.structures[entry.key] ?? []).enumerated()
      where structure.groups.contains(where: { placement.sizes[$0] != nil }) {
        // A slot that no unit takes reads the slice behind the last.
        var sources = Array(
          repeating: structure.size, count: structure.resized(placement.sizes).size)
        let places = structure.positions(placement.slots, in: placement.sizes)
        for (own, place) in places.enumerated() { sources[place] = own }
        if sources == Array(0..<structure.size) { continue }
        var shape = tensor.shape
        shape[axis] = 1
        let empty = try Tensor.full(
          shape, positive.contains(entry.key) ? 1 : 0, type: tensor.elementType)
        tensor = try Tensor.concatenated([tensor, empty], axis: axis)
          .selecting(sources, axis: axis)
      }
      result[entry.key] = tensor
    }
  }

  /// Parameters that something is divided by: 0 would make the empty slots NaN.
  private static func divisors(in graph: ModelGraph) -> Set<String> {
    graph.nodes.reduce(into: []) { names, node in
      switch node.operation {
      case "Div" where node.inputs.count > 1: names.insert(node.inputs[1])
      case "BatchNormalization" where node.inputs.count > 4: names.insert(node.inputs[4])
      default: break
      }
    }
  }

  /// Shows by trial that the wider network is the same function.
  ///
  /// As ``SymmetryCheck``: parameters are drawn afresh at a healthy scale and in double precision,
  /// and outputs may differ by rounding alone.
  ///
  /// - Parameters:
  ///   - placement: Where the units stand.
  ///   - inputs: A batch that gives shapes, and the elements of integer inputs.
  ///   - seed: For the fresh parameters and inputs.
  /// - Throws: ``ModelError/fixedWidth(reason:)`` when it is another function.
  public func checkFunction(
    under placement: UnitPlacement, inputs: [String: Tensor], seed: UInt64
  ) throws {
    let precise = try graph.inDoublePrecision()
    var generator = SeededGenerator(seed: seed)
    let batch = try inputs.mapValues { tensor in
      tensor.elementType.isFloatingPoint
        ? try Tensor.normal(tensor.shape, seed: generator.next(), type: .float64) : tensor
    }
    let parameters = try HealthyParameters.draw(for: precise, using: &generator)
    let before = try outputs(precise, batch, parameters)
    let after: [Tensor]
    do {
      after = try outputs(
        resized(precise, to: placement.sizes), batch, widened(parameters, to: placement))
    } catch let error as ModelError {
      throw ModelError.fixedWidth(reason: "with more units it does not run: \(error)")
    }
    let scale = try before.map { try $0.largestMagnitude() }.max() ?? 0
    let isSame = try zip(before, after).allSatisfy { one, other in
      try one.shape == other.shape
        && one.subtracting(other).largestMagnitude() <= SymmetryCheck.tolerance * scale
    }
    guard isSame else {
      throw ModelError.fixedWidth(
        reason: """
          something in it looks at all units of a layer together (a layer normalisation, a softmax or \
          a mean over units), so that units that are not there would change the rest
          """)
    }
  }

  private func outputs(
    _ graph: ModelGraph, _ inputs: [String: Tensor], _ parameters: [String: Tensor]
  ) throws -> [Tensor] {
    let values = try withoutGradients {
      try ForwardPass(graph).values(inputs, parameters: parameters)
    }
    return try graph.outputs.compactMap { try values[$0.name]?.cast(to: .float64) }
  }
}
