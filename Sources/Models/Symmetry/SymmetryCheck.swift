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
  /// How often parameters are drawn afresh before an axis counts as idle.
  static let draws = 4

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
    var idle = try trial.idleAxes(of: groups.groups.filter { proved.contains($0.id) })
    // Few units may all be dead at once. One draw in which an axis matters proves that it does; only
    // an axis that matters in none is idle.
    var generator = SeededGenerator(seed: seed)
    for _ in 1..<Self.draws where !idle.isEmpty {
      let another = try SymmetryTrial(groups, of: pass, inputs: inputs, seed: generator.next())
      let suspects = Set(idle.map(\.group))
      guard try another.difference(permuting: suspects) <= Self.tolerance else { break }
      let again = try another.idleAxes(among: idle)
      idle = idle.filter(again.contains)
    }
    proved.subtract(idle.map(\.group))
    self.proved = proved
    maximumRelativeDifference = difference
    idleAxes = idle.map(\.axis)
  }
}
