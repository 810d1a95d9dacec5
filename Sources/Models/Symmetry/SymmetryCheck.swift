public import Symmetry
public import Tensors

/// A proof by trial that permutation groups are right, which can't pass for nothing.
///
/// With every parameter drawn afresh at a healthy scale and in double precision:
/// 1. permuting all groups at random leaves the outputs within `tolerance` of the largest output;
/// 2. for **every axis of every group**, leaving out just that axis changes them.
/// A group that fails either is not proved. Without fresh parameters a zero-initialised head would
/// let any group pass; without the second part a group too small would.
public struct SymmetryCheck: Sendable {
  /// Groups that passed both parts.
  public let proved: Set<GroupID>
  /// The largest difference of an output over the largest output, with all proved groups permuted.
  public let maximumRelativeDifference: Double
  /// Axes that could be left out without effect.
  public let idleAxes: [ParameterAxis]

  /// What counts as unchanged, relative to the largest output: rounding in double precision.
  public static let tolerance = 1e-9
  /// What counts as changed: far above rounding, far below what one wrong axis does.
  static let changeThreshold = 1e-6

  /// - Parameters:
  ///   - groups: What is to be proved: groups derived from the same network.
  ///   - pass: The network; its own parameters are not used.
  ///   - inputs: A batch that gives shapes, and the elements of integer inputs.
  ///   - seed: For the fresh parameters, real inputs and permutations.
  public init(
    _ groups: PermutationGroups, of pass: ForwardPass, inputs: [String: Tensor], seed: UInt64
  ) throws {
    let trial = try SymmetryTrial(groups, of: pass, inputs: inputs, seed: seed)
    var proved = Set(groups.groups.map(\.id))
    var difference = try trial.difference(permuting: proved)
    if !(difference <= Self.tolerance) {
      for group in groups.groups
      where try !(trial.difference(permuting: [group.id]) <= Self.tolerance) {
        proved.remove(group.id)
      }
      difference = try trial.difference(permuting: proved)
      if !(difference <= Self.tolerance) {
        proved = []
        difference = 0
      }
    }
    var idle: [ParameterAxis] = []
    for group in groups.groups where proved.contains(group.id) {
      for axis in try trial.idleAxes(of: group) {
        idle.append(axis)
        proved.remove(group.id)
      }
    }
    self.proved = proved
    maximumRelativeDifference = difference
    idleAxes = idle
  }
}

/// Fresh parameters, inputs and permutations, and the outputs that they give.
private struct SymmetryTrial {
  let groups: PermutationGroups
  let pass: ForwardPass
  let inputs: [String: Tensor]
  let parameters: [String: Tensor]
  let permutations: [GroupID: Permutation]
  let outputs: [Tensor]
  let scale: Double

  init(
    _ groups: PermutationGroups, of pass: ForwardPass, inputs: [String: Tensor], seed: UInt64
  ) throws {
    self.groups = groups
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
    parameters = try HealthyParameters.draw(for: pass.graph, using: &generator)
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

  /// Axes of a group that can be left out without effect.
  func idleAxes(of group: PermutationGroups.Group) throws -> [ParameterAxis] {
    let chosen = permutations.filter { $0.key == group.id }
    var permuted = parameters
    for name in Set(group.axes.map(\.parameter)) {
      permuted[name] = try parameters[name].map {
        try groups.permuted($0, named: name, by: chosen)
      }
    }
    let replay = try Replay(pass, inputs: inputs, parameters: permuted)
    return try group.axes.filter { axis in
      guard let original = parameters[axis.parameter] else { return false }
      let partial = try groups.permuted(
        original, named: axis.parameter, by: chosen, skipping: axis)
      let changed = try replay.outputs(replacing: axis.parameter, with: partial)
      return try difference(changed) <= SymmetryCheck.changeThreshold
    }
  }

  private func difference(_ other: [Tensor]) throws -> Double {
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
