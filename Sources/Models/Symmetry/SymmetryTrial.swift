internal import Symmetry
internal import Tensors

/// Fresh parameters, inputs and permutations, and the outputs that they give.
struct SymmetryTrial {
  let groups: PermutationGroups
  let pass: ForwardPass
  let inputs: [String: Tensor]
  let parameters: [String: Tensor]
  let permutations: [GroupID: Permutation]
  let outputs: [Tensor]
  let scale: Double
  let seed: UInt64

  init(
    _ groups: PermutationGroups, of pass: ForwardPass, inputs: [String: Tensor], seed: UInt64
  ) throws {
    self.groups = groups
    self.seed = seed
    let pass = try ForwardPass(pass.graph.inDoublePrecision())
    self.pass = pass
    var generator = SeededGenerator(seed: seed)
    // One input shows as much as many, where the model leaves their number open.
    let isFree = pass.graph.inputs.allSatisfy { $0.shape.first == .some(nil) }
    let batch = try isFree ? inputs.mapValues { try $0.slice(0..<1) } : inputs
    self.inputs = try batch.mapValues { tensor in
      guard tensor.elementType.isFloatingPoint else { return tensor }
      return try Tensor.normal(tensor.shape, seed: generator.next(), type: .float64)
    }
    parameters = try HealthyParameters.levelled(
      HealthyParameters.draw(for: pass.graph, using: &generator), for: pass, inputs: self.inputs)
    permutations = groups.groups.reduce(into: [:]) { table, group in
      // A random order that happens to be the identity would prove nothing.
      var permutation = Permutation.identity(group.size)
      while permutation.isIdentity {
        permutation = .random(group.size, using: &generator)
      }
      table[group.id] = permutation
    }
    outputs = try Self.run(pass, self.inputs, parameters)
    scale = try outputs.map { try $0.largestMagnitude() }.max() ?? 0
  }

  /// The largest difference that permuting some groups makes, relative to the largest output.
  func difference(permuting ids: Set<GroupID>) throws -> Double {
    let chosen = permutations.filter { ids.contains($0.key) }
    return try difference(
      Self.run(
        pass, inputs, PermutedParameters(base: parameters, groups: groups, permutations: chosen)))
  }

  /// The largest difference of some outputs, relative to the largest output.
  func difference(_ other: [Tensor]) throws -> Double {
    guard scale > 0, scale.isFinite else { return .infinity }
    return try zip(outputs, other).map { a, b in
      try a.subtracting(b).largestMagnitude() / scale
    }.max() ?? 0
  }

  private static func run(
    _ pass: ForwardPass, _ inputs: [String: Tensor], _ parameters: any ParameterSource
  ) throws -> [Tensor] {
    let values = try withoutGradients { try pass.values(inputs, parameters: parameters) }
    return try pass.graph.outputs.compactMap { try values[$0.name]?.cast(to: .float64) }
  }
}

/// Parameters in another order, each permuted when it is read.
private struct PermutedParameters: ParameterSource {
  let base: [String: Tensor]
  let groups: PermutationGroups
  let permutations: [GroupID: Permutation]

  func parameter(_ name: String) throws -> Tensor? {
    try base[name].map { try groups.permuted($0, named: name, by: permutations) }
  }
}
