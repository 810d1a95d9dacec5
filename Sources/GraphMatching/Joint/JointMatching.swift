public import Symmetry
public import Tensors

/// Brings all parties into one common order by moving all parties and all groups at once.
///
///     maximise over doubly stochastic P_p,g     sum over p < q, over terms   weight · ⟨Z_p, Z_q⟩
///     Z_p = the party's tensor, every place of group g multiplied by P_p,g
///
/// Frank-Wolfe ascent: the gradient's best permutations, one assignment a party and group, give the
/// direction; the objective along it is a polynomial, of degree 4 for weights between two groups,
/// whose maximum on [0, 1] is taken exactly. With S the sum of all Z the gradient of party p needs
/// S - Z_p alone, so that an iteration costs the number of parties times a constant, and no affinity
/// between pairs of edges is built. At the end the nearest permutations are taken and polished by
/// coordinate ascent.
///
/// Crisostomi et al. 2024, "C2M3", section 3 and Algorithm 1. Deviations: a party's inner product
/// with itself is left out, which only pulls towards permutations; activation signatures may be
/// terms beside weights; the start is between a permutation and the uniform matrix; of two parties
/// the first stays where it starts; the polish.
public struct JointMatching: Sendable {
  /// How much of the uniform matrix is mixed into the start, in [0, 1]: at 1 the ascent knows
  /// nothing of the start.
  public var uniformShare = 0.5
  /// The number of steps at most.
  public var maximumIterations = 200
  /// The ascent ends when a step raises the objective by less than this share of it.
  public var tolerance = 1e-5
  /// Whether coordinate ascent follows. Then a given start, polished likewise, is kept instead where
  /// its objective is greater.
  public var isPolished = true
  /// How often the polish visits all parties at most.
  public var maximumSweeps = 8

  public init() {}

  /// Matches the parties.
  ///
  /// - Parameters:
  ///   - parties: For every party, one tensor a term, of the term's shape, in its own order.
  ///   - terms: What each tensor is.
  ///   - start: For every party where it starts, such as ``MatchedUniverse/permutations``; identities
  ///     where it is left out, and for groups left out.
  /// - Throws: ``MatchingError/noParties``, or as ``alignment(of:to:terms:start:maximumSweeps:)``.
  /// - Complexity: An iteration makes O(parties) matrix products of the terms' sizes and one
  ///   assignment a party and group. Memory: two copies of all parties' tensors, `float64`.
  public func universe(
    of parties: [PartyTensors], terms: [MatchingTerm], start: [[GroupID: Permutation]]? = nil
  ) throws -> JointUniverse {
    precondition((0...1).contains(uniformShare), "the uniform share is \(uniformShare)")
    precondition(start?.count ?? parties.count == parties.count, "one start a party is needed")
    guard !parties.isEmpty else { throw MatchingError.noParties }
    let plan = try MatchingPlan(terms)
    for party in parties { try plan.checkCount(party) }
    let clean = try parties.map { party in
      try plan.terms.indices.map { try plan.tensor($0, of: party) }
    }
    let starts = try (start ?? parties.map { _ in [:] }).map { try plan.completed($0) }
    // Two parties that move at once take each other's order, and do so for ever; one has to stay.
    let anchor = parties.count == 2 ? starts[0] : nil
    var soft = try starts.map { try SoftPermutations($0, uniformShare: uniformShare) }
    if let anchor { soft[0] = try SoftPermutations(anchor, uniformShare: 0) }
    var search = try JointSearch(plan: plan, clean: clean, soft: soft, anchor: anchor)
    let (ascent, steps, hasConverged) = try climb(&search)

    var descent = try UniverseDescent(
      plan: plan, parties: parties, permutations: search.projected())
    let projected = try descent.objective
    var polish = (objectives: [projected], hasConverged: hasConverged)
    if isPolished {
      polish = try descent.run(maximumSweeps: maximumSweeps)
      if start != nil {
        var other = try UniverseDescent(plan: plan, parties: parties, permutations: starts)
        let result = try other.run(maximumSweeps: maximumSweeps)
        if try other.objective > descent.objective { (descent, polish) = (other, result) }
      }
    }
    return JointUniverse(
      universe: descent.universe(
        objectives: polish.objectives, hasConverged: polish.hasConverged),
      ascent: ascent, steps: steps, hasConverged: hasConverged, projected: projected,
      productCount: search.productCount)
  }

  /// The same for tensors that are there already.
  ///
  /// - Parameters:
  ///   - parties: For every party, one tensor a term.
  ///   - terms: What each tensor is.
  ///   - start: For every party where it starts.
  public func universe(
    of parties: [[Tensor]], terms: [MatchingTerm], start: [[GroupID: Permutation]]? = nil
  ) throws -> JointUniverse {
    let plan = try MatchingPlan(terms)
    for party in parties { try plan.check(party) }
    return try universe(of: parties.map { PartyTensors($0) }, terms: terms, start: start)
  }

  /// Goes uphill until a step gains too little.
  private func climb(_ search: inout JointSearch) throws
    -> (ascent: [Double], steps: [Double], hasConverged: Bool)
  {
    var ascent = [try search.objective]
    var steps: [Double] = []
    guard search.clean.count > 1, !search.plan.groups.isEmpty else { return (ascent, steps, true) }
    for _ in 0..<maximumIterations {
      let (vertices, slope) = try search.vertices()
      guard slope > 0 else { return (ascent, steps, true) }
      let polynomial = try search.polynomial(towards: vertices)
      let step = polynomial.maximum
      let gain = polynomial.value(step) - polynomial.value(0)
      guard step > 0 else { return (ascent, steps, true) }
      try search.move(by: step, towards: vertices)
      ascent.append(try search.objective)
      steps.append(step)
      if gain < tolerance * abs(polynomial.value(0)) { return (ascent, steps, true) }
    }
    return (ascent, steps, false)
  }
}

/// What a joint matching found, and how.
public struct JointUniverse: Sendable {
  /// The parties in their common order.
  public let universe: MatchedUniverse
  /// The objective of the soft permutations at the start and after every step; it never falls.
  public let ascent: [Double]
  /// How far each step went, in (0, 1].
  public let steps: [Double]
  /// Whether the ascent ended because a step gained too little.
  public let hasConverged: Bool
  /// The objective of the nearest permutations, before the polish.
  public let projected: Double
  /// The number of matrix products of the ascent.
  package let productCount: Int
}

/// The objective of soft permutations, its derivative, and how it changes along a step.
package struct JointSlope {
  package let objective: Double
  /// For every party and group, shape `[size, size]`.
  package let gradients: [[GroupID: Tensor]]
  package let polynomial: StepPolynomial

  /// - Parameters:
  ///   - matrices: For every party and group a matrix of shape `[size, size]`, `float64`.
  ///   - vertices: For every party the permutations that the step leads to.
  package init(
    of parties: [[Tensor]], terms: [MatchingTerm], matrices: [[GroupID: Tensor]],
    towards vertices: [[GroupID: Permutation]]
  ) throws {
    let plan = try MatchingPlan(terms)
    var search = try JointSearch(
      plan: plan, clean: parties.map { try plan.checked($0) },
      soft: matrices.map { SoftPermutations(matrices: $0) })
    objective = try search.objective
    gradients = try parties.indices.map { try search.gradient(of: $0) }
    polynomial = try search.polynomial(towards: vertices)
  }
}
