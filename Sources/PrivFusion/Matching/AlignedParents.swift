internal import GraphMatching
public import Models
internal import Symmetry
public import Tensors

/// All parents in one frame, for looking at what lies between them.
///
/// The frame is the folded graph in canonical form, before and after neurons are brought into one
/// order, so that the two differ by the matching alone. Everything here is of clean parents: it is for
/// who holds them all.
public struct AlignedParents: Sendable {
  /// The graph that the parameters are of.
  public let graph: ModelGraph
  /// The mean distance of two parents' parameters, as the root of the mean square over pairs; before
  /// and after matching.
  public let distanceBefore: Double
  public let distanceAfter: Double
  /// The share of neurons that do not come back around a cycle of three parties, where every pair is
  /// matched by itself; `nil` for fewer than three parties, without matching, and where it was not
  /// measured. The maps through a universe compose to the identity, so that theirs is 0.
  public let pairwiseCycleError: Double?
  private let parents: [[String: Tensor]]
  private let aligned: [[String: Tensor]]

  /// The number of parents.
  public var count: Int { parents.count }

  /// A network on the line from a parent to the parents' mean.
  ///
  ///     (1 - share) · parent + share · mean
  ///
  /// Of two parents, both lines together are the line between them.
  ///
  /// - Parameters:
  ///   - parent: Which, from 0.
  ///   - share: From 0, the parent, to 1, the mean.
  ///   - isMatched: Whether neurons have been brought into one order.
  /// - Returns: Parameters of ``graph``.
  public func parameters(
    from parent: Int, towardsMean share: Double, isMatched: Bool
  ) throws -> [String: Tensor] {
    let all = isMatched ? aligned : parents
    return try all[parent].reduce(into: [:]) { result, entry in
      let mean = try FusionSession.mean(of: all.count) { all[$0][entry.key] ?? entry.value }
      // Two ends that are equal give themselves, to the last bit.
      result[entry.key] = try entry.value.adding(
        mean.subtracting(entry.value).multiplied(by: share))
    }
  }

  fileprivate init(
    _ graph: ModelGraph, parents: [[String: Tensor]], aligned: [[String: Tensor]],
    pairwiseCycleError: Double?
  ) throws {
    self.graph = graph
    self.parents = parents
    self.aligned = aligned
    self.pairwiseCycleError = pairwiseCycleError
    distanceBefore = try Self.distance(parents)
    distanceAfter = try Self.distance(aligned)
  }

  /// By the parallel axis theorem, sum over pairs |a - b|² = n · sum over n of |a - mean|².
  private static func distance(_ parents: [[String: Tensor]]) throws -> Double {
    guard let first = parents.first, parents.count > 1 else { return 0 }
    let spread = try first.reduce(0.0) { total, entry in
      let mean = try FusionSession.mean(of: parents.count) { parents[$0][entry.key] ?? entry.value }
      return try parents.reduce(total) { sum, parent in
        guard let own = parent[entry.key] else { return sum }
        return try sum
          + own.cast(to: .float64).subtracting(mean.cast(to: .float64)).power(2).sum()
          .scalar()
      }
    }
    return (2 * spread / Double(parents.count - 1)).squareRoot()
  }
}

extension FusionSession {
  /// Brings parents into one frame, as fusing them without noise does.
  ///
  /// - Parameters:
  ///   - parties: All in one hand, at least one.
  ///   - measuresCycles: Whether every pair is matched by itself too, for the cycle error.
  /// - Throws: ``FusionError/noParties``, and as ``run(_:ignoringWeights:progress:)``.
  public func alignedParents(_ parties: [PartyModel], measuresCycles: Bool = true) throws
    -> AlignedParents
  {
    precondition(settings.disclosure == .open, "parents in one frame are looked at without noise")
    guard !parties.isEmpty else { throw FusionError.noParties }
    let prepared = try parties.map { try PreparedParty($0, self) }
    let names = architecture.pass.graph.parameterNames
    var permutations = prepared.map { _ in [GroupID: Permutation]() }
    var cycleError: Double?
    if settings.matching != .none, settings.commonInitialization == nil,
      !architecture.groups.groups.isEmpty
    {
      let problem = try MatchingProblem(
        architecture, matching: settings.matching, signatures: prepared[0].signaturesByLayer,
        parameters: prepared[0].parameters)
      let tensors = prepared.map {
        problem.tensors(signatures: $0.signaturesByLayer, parameters: $0.parameters)
      }
      permutations = try problem.universe(of: tensors).permutations
      if measuresCycles, parties.count > 2 {
        cycleError = GraphMatching.cycleError(
          of: try pairwiseAlignments(of: tensors, terms: problem.terms))
      }
    }
    return try AlignedParents(
      architecture.pass.graph, parents: prepared.map { try $0.parameters.parameters(names) },
      aligned: prepared.enumerated().map { place, party in
        try names.reduce(into: [:]) { result, name in
          guard let own = try party.parameters.parameter(name) else {
            throw FusionError.missingParameter(name)
          }
          result[name] = try architecture.groups.permuted(
            own, named: name, by: permutations[place])
        }
      }, pairwiseCycleError: cycleError)
  }
}
