internal import Symmetry
internal import Tensors

/// The permutation groups of a network, derived and proved without holding its parameters.
///
/// The groups are those of ``PermutationGroups``. For a network of up to ``checkedWhole`` parameters they
/// are proved by ``SymmetryCheck``. For a larger one the first part of that check alone is made: with
/// fresh parameters in double precision, each drawn when it is read, permuting all groups at random
/// leaves the outputs within ``SymmetryCheck/tolerance`` of the largest. That is what makes permuting
/// safe; the second part, which finds axes that are in a group for nothing, is left out, since its cost
/// grows with the square of the number of layers.
public struct WeightSymmetry: Sendable {
  /// The proved groups.
  public let groups: PermutationGroups
  /// The largest difference of an output over the largest output.
  public let maximumRelativeDifference: Double
  /// Whether both parts of the check were made.
  public let isWhole: Bool

  /// Up to so many parameters the whole check is made: its double-precision copies then stay below half
  /// a gigabyte.
  public static let checkedWhole = 20_000_000

  /// - Parameters:
  ///   - graph: The network; the values of its parameters are not read.
  ///   - seed: For made-up inputs, fresh parameters and permutations.
  /// - Throws: ``ModelError`` for an operator without a rule, or a graph that no made-up input fits.
  public init(_ graph: ModelGraph, seed: UInt64) throws {
    let outline = try graph.outline(in: .float64)
    let inputs = try outline.sampleInputs(seed: seed)
    let pass = try ForwardPass(outline)
    let derived = try PermutationGroups(pass, inputs: inputs)
    let proved: Set<GroupID>
    if graph.parameterCount <= Self.checkedWhole {
      let check = try SymmetryCheck(derived, of: pass, inputs: inputs, seed: seed)
      (proved, maximumRelativeDifference) = (check.proved, check.maximumRelativeDifference)
      isWhole = true
    } else {
      let difference = try Self.difference(derived, of: pass, inputs: inputs, seed: seed)
      isWhole = false
      let holds = difference <= SymmetryCheck.tolerance
      proved = holds ? Set(derived.groups.map(\.id)) : []
      maximumRelativeDifference = holds ? difference : 0
    }
    groups = derived.filtered(
      { proved.contains($0) }, because: "belongs to a group that is not proved")
  }

  /// What permuting all groups at random changes, relative to the largest output.
  private static func difference(
    _ groups: PermutationGroups, of pass: ForwardPass, inputs: [String: Tensor], seed: UInt64
  ) throws -> Double {
    var generator = SeededGenerator(seed: seed)
    let drawn = DrawnParameters(for: pass.graph, using: &generator)
    let permutations = groups.groups.reduce(into: [GroupID: Permutation]()) {
      $0[$1.id] = .random($1.size, using: &generator)
    }
    func outputs(_ parameters: any ParameterSource) throws -> [Tensor] {
      let values = try withoutGradients { try pass.values(inputs, parameters: parameters) }
      return try pass.graph.outputs.compactMap { try values[$0.name]?.cast(to: .float64) }
    }
    let before = try outputs(drawn)
    let after = try outputs(
      ReorderedParameters(base: drawn, groups: groups, permutations: permutations))
    let scale = try before.map { try $0.largestMagnitude() }.max() ?? 0
    guard scale > 0, scale.isFinite else { return .infinity }
    return try zip(before, after).map { try $0.subtracting($1).largestMagnitude() / scale }.max()
      ?? .infinity
  }
}

/// Parameters in another order, each permuted when it is read.
private struct ReorderedParameters: ParameterSource {
  let base: DrawnParameters
  let groups: PermutationGroups
  let permutations: [GroupID: Permutation]

  func parameter(_ name: String) throws -> Tensor? {
    try base.parameter(name).map { try groups.permuted($0, named: name, by: permutations) }
  }
}
