internal import Symmetry
internal import Tensors

/// The state of the joint ascent: soft permutations of all parties and groups at once.
///
/// Besides the parties' tensors it holds one aligned copy of them and their sum.
struct JointSearch {
  let plan: MatchingPlan
  /// For every party its tensors in its own order, `float64`.
  let clean: [[Tensor]]
  private let anchor: [GroupID: Permutation]?
  private(set) var soft: [SoftPermutations]
  /// For every party its tensors as its soft permutations make them.
  private(set) var aligned: [[Tensor]] = []
  private(set) var total: [Tensor] = []
  /// The products made for gradients and steps besides those of `soft`.
  private var gradientProductCount = 0

  /// - Parameter anchor: Where party 0 stays; it moves like the others when it is left out.
  init(
    plan: MatchingPlan, clean: [[Tensor]], soft: [SoftPermutations],
    anchor: [GroupID: Permutation]? = nil
  ) throws {
    self.plan = plan
    self.anchor = anchor
    self.clean = clean
    self.soft = soft
    try align()
  }

  /// The number of matrix products made so far.
  var productCount: Int { soft.reduce(gradientProductCount) { $0 + $1.productCount } }

  var objective: Double {
    get throws { try pairSum(of: aligned, terms: plan.terms) }
  }

  private mutating func align() throws {
    aligned = try clean.indices.map { party in
      try plan.terms.indices.map { term in
        try soft[party].applied(to: clean[party][term], axes: plan.terms[term].axes)
      }
    }
    total = try plan.terms.indices.map { term in
      try aligned.dropFirst().reduce(aligned[0][term]) { try $0.adding($1[term]) }
    }
  }

  /// The derivative of the objective by a party's matrices.
  ///
  ///     G[i, k] = sum over the group's occurrences of
  ///               weight · ⟨slice i of S - Z, slice k of what the occurrence's matrix acts on⟩
  ///
  /// S is the sum of all parties' aligned tensors and Z the party's own: a party costs the same
  /// however many others there are.
  mutating func gradient(of party: Int) throws -> [GroupID: Tensor] {
    let others = try zip(total, aligned[party]).map { try $0.subtracting($1) }
    var result: [GroupID: Tensor] = [:]
    for group in plan.groups {
      for occurrence in plan.occurrences[group] ?? [] {
        let term = plan.terms[occurrence.term]
        let own = try soft[party].applied(
          to: clean[party][occurrence.term], axes: term.axes, skipping: occurrence)
        let part = try occurrence.slices(of: others[occurrence.term])
          .matmul(occurrence.slices(of: own).transposed()).multiplied(by: term.weight)
        gradientProductCount += 1
        result[group] = try result[group]?.adding(part) ?? part
      }
    }
    return result
  }

  /// For every party and group the permutation of the greatest inner product with the gradient, and
  /// how much the objective would rise by the slope.
  mutating func vertices() throws -> (permutations: [[GroupID: Permutation]], slope: Double) {
    var slope = 0.0
    var permutations: [[GroupID: Permutation]] = []
    for party in clean.indices {
      if party == 0, let anchor {
        permutations.append(anchor)
        continue
      }
      let gradient = try gradient(of: party)
      let vertices = try gradient.mapValues { try permutation(nearest: $0) }
      for group in plan.groups {
        guard let gradient = gradient[group], let vertex = vertices[group],
          let matrix = soft[party].matrices[group]
        else { continue }
        slope += try gradient.inner(SoftPermutations.matrix(vertex).subtracting(matrix))
      }
      permutations.append(vertices)
    }
    return (permutations, slope)
  }

  /// The objective along the straight line from here to permutations, exactly.
  ///
  /// An aligned tensor is a polynomial in the step whose degree is the number of places that meet
  /// in one of its entries: known where the step is 0, a mere reordering where it is 1, and looked at
  /// between as often as the degree needs. The objective has twice that degree.
  mutating func polynomial(towards vertices: [[GroupID: Permutation]]) throws -> StepPolynomial {
    var result = StepPolynomial([])
    for (index, term) in plan.terms.enumerated() where term.weight > 0 {
      let nodes = StepPolynomial.nodes(degree: term.axes.reduce(0) { $0 + $1.degree })
      var sums: [Tensor]?
      var gram = nodes.map { _ in [Double](repeating: 0, count: nodes.count) }
      for party in clean.indices {
        let values = try nodes.map { step in
          if step == 0 { return aligned[party][index] }
          if step == 1 {
            return try plan.permuted(clean[party][index], term: index, by: vertices[party])
          }
          var between = SoftPermutations(matrices: soft[party].matrices)
          try between.move(by: step, towards: vertices[party])
          defer { gradientProductCount += between.productCount }
          return try between.applied(to: clean[party][index], axes: term.axes)
        }
        try Self.add(-1, values, to: &gram)
        sums = try sums.map { try zip($0, values).map { try $0.adding($1) } } ?? values
      }
      if let sums { try Self.add(1, sums, to: &gram) }
      result.add(gram: gram, weight: term.weight)
    }
    return result
  }

  private static func add(_ sign: Double, _ values: [Tensor], to gram: inout [[Double]]) throws {
    for k in values.indices {
      for l in k..<values.count {
        let inner = try sign * values[k].inner(values[l])
        gram[k][l] += inner
        if l > k { gram[l][k] += inner }
      }
    }
  }

  mutating func move(by step: Double, towards vertices: [[GroupID: Permutation]]) throws {
    for party in soft.indices { try soft[party].move(by: step, towards: vertices[party]) }
    try align()
  }

  /// For every party and group the permutation nearest to the soft one.
  func projected() throws -> [[GroupID: Permutation]] {
    try soft.map { try $0.matrices.mapValues { try permutation(nearest: $0) } }
  }

  private func permutation(nearest matrix: Tensor) throws -> Permutation {
    let size = matrix.shape[0]
    let costs: [Float] = try matrix.cast(to: .float32).elements()
    let best = try LinearAssignment(costs: costs, rows: size, columns: size, goal: .maximum)
    return Permutation(best.columns.compactMap { $0 }) ?? .identity(size)
  }
}
