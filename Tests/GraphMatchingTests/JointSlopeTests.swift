import GraphMatching
import Symmetry
import Tensors
import Testing

@Suite struct JointSlopeTests {
  /// Parties whose terms have every kind of axis: tied, flattened, packed heads, concatenated.
  struct MixedParties {
    let terms: [MatchingTerm]
    let sizes: [GroupID: Int]
    let tensors: [[Tensor]]
    /// For every party matrices of no special kind: the objective is defined for all.
    let matrices: [[GroupID: Tensor]]
    let vertices: [[GroupID: Permutation]]

    init(_ count: Int, seed: UInt64) throws {
      let (a, b, c) = (GroupID(0), GroupID(1), GroupID(2))
      let wide = AxisStructure.group(a, size: 5)
      let inner = AxisStructure.group(b, size: 3)
      let packed = AxisStructure.product([.group(c, size: 2), inner])
      terms = [
        try MatchingTerm(axes: [wide, .fixed(4)], weight: 0.5),
        try MatchingTerm(axes: [wide, wide], weight: 1),
        try MatchingTerm(axes: [inner, .product([wide, .fixed(2)])], weight: 2),
        try MatchingTerm(axes: [.sum([packed, wide, packed]), wide, .fixed(2)], weight: 0.7),
        try MatchingTerm(axes: [.product([inner, inner]), .fixed(2)], weight: 1.5),
        try MatchingTerm(axes: [.fixed(3)], weight: 1),
      ]
      sizes = [a: 5, b: 3, c: 2]
      var generator = SplitMix(seed)
      var tensors: [[Tensor]] = []
      var matrices: [[GroupID: Tensor]] = []
      var vertices: [[GroupID: Permutation]] = []
      for _ in 0..<count {
        tensors.append(
          try terms.map { try Tensor.normal($0.shape, seed: generator.next(), type: .float64) })
        var own: [GroupID: Tensor] = [:]
        var ends: [GroupID: Permutation] = [:]
        for (group, size) in sizes.sorted(by: { $0.key < $1.key }) {
          own[group] = try Tensor.normal([size, size], seed: generator.next(), type: .float64)
          ends[group] = .random(size, using: &generator)
        }
        matrices.append(own)
        vertices.append(ends)
      }
      (self.tensors, self.matrices, self.vertices) = (tensors, matrices, vertices)
    }

    func slope(_ matrices: [[GroupID: Tensor]]) throws -> JointSlope {
      try JointSlope(of: tensors, terms: terms, matrices: matrices, towards: vertices)
    }

    /// The matrices of a step towards the vertices.
    func matrices(at step: Double) throws -> [[GroupID: Tensor]] {
      try zip(matrices, vertices).map { own, ends in
        try own.reduce(into: [:]) { result, entry in
          guard let end = ends[entry.key] else { return }
          let vertex = try Tensor.identity(end.count, type: .float64)
            .selecting(end.indices, axis: 0)
          result[entry.key] = try entry.value.multiplied(by: 1 - step)
            .adding(vertex.multiplied(by: step))
        }
      }
    }
  }

  @Test func `the objective of permutations is that of the permuted tensors`() throws {
    let parties = try MixedParties(3, seed: 1)
    let aligned = try zip(parties.tensors, parties.vertices).map {
      try permuted($0, by: $1, terms: parties.terms)
    }
    let expected = try matchingObjective(of: aligned, terms: parties.terms)
    let found = try parties.slope(parties.matrices(at: 1)).objective
    // Sums of about a hundred doubles in another order.
    #expect(abs(found - expected) < 1e-11 * max(abs(expected), 1))
  }

  @Test func `the gradient equals finite differences`() throws {
    let parties = try MixedParties(3, seed: 2)
    let gradients = try parties.slope(parties.matrices).gradients
    for party in 0..<3 {
      for (group, size) in parties.sizes {
        let gradient: [Double] = try #require(gradients[party][group]).elements()
        for entry in 0..<(size * size) {
          let width = 1e-5
          let values = try [-width, width].map { shift in
            var matrices = parties.matrices
            var numbers: [Double] = try #require(matrices[party][group]).elements()
            numbers[entry] += shift
            matrices[party][group] = try Tensor(numbers, shape: [size, size])
            return try parties.slope(matrices).objective
          }
          let slope = (values[1] - values[0]) / (2 * width)
          // Differences of values of about 1e3 at 1e-5 are good to 1e-8 of them; the third
          // derivative adds less.
          #expect(abs(slope - gradient[entry]) < 1e-4, "party \(party), \(group), entry \(entry)")
        }
      }
    }
  }

  @Test func `the polynomial of a step is the objective along it`() throws {
    for seed in 0..<5 {
      let parties = try MixedParties(4, seed: UInt64(seed))
      let polynomial = try parties.slope(parties.matrices).polynomial
      // Three groups meet in the entries of the fourth term: twice their degree is 6.
      #expect(polynomial.coefficients.count == 7)
      for percent in stride(from: 0, through: 100, by: 5) {
        let step = Double(percent) / 100
        let expected = try parties.slope(parties.matrices(at: step)).objective
        #expect(abs(polynomial.value(step) - expected) < 1e-9 * max(abs(expected), 100))
      }
    }
  }

  @Test func `a step goes where the objective is greatest on a dense grid`() throws {
    var inside = 0
    for seed in 0..<20 {
      let parties = try MixedParties(3, seed: UInt64(seed))
      let polynomial = try parties.slope(parties.matrices).polynomial
      let best = polynomial.maximum
      #expect((0...1).contains(best))
      let greatest = (0...100_000).map { polynomial.value(Double($0) / 100_000) }.max() ?? 0
      #expect(polynomial.value(best) >= greatest - 1e-12 * abs(greatest), "seed \(seed)")
      if best > 0, best < 1 { inside += 1 }
    }
    // Otherwise the ends alone would do.
    let wave = StepPolynomial([0, 1, -7, 14, -8])
    #expect(inside > 0 || wave.maximum > 0)
    let grid = (0...100_000).map { wave.value(Double($0) / 100_000) }.max() ?? 0
    #expect(wave.maximum > 0 && wave.maximum < 1 && wave.value(wave.maximum) >= grid)
  }

  @Test func `polynomials of every shape are greatest where they say`() {
    #expect(StepPolynomial([]).maximum == 0)
    #expect(StepPolynomial([3]).maximum == 0)
    #expect(StepPolynomial([0, 1]).maximum == 1)
    #expect(StepPolynomial([0, -1]).maximum == 0)
    #expect(abs(StepPolynomial([0, 1, -1]).maximum - 0.5) < 1e-15)
    // x (1 - x)(x - 1/2)^2 has two equal maxima; the least is taken, or rounding's choice.
    let twin = StepPolynomial([0, 0.25, -1.25, 2, -1]).maximum
    #expect(abs(twin - 0.146_446_609) < 1e-6 || abs(twin - 0.853_553_391) < 1e-6)
    var generator = SplitMix(7)
    for _ in 0..<200 {
      let polynomial = StepPolynomial(
        (0..<7).map { _ in Double.random(in: -1...1, using: &generator) })
      let greatest = (0...10_000).map { polynomial.value(Double($0) / 10_000) }.max() ?? 0
      #expect(polynomial.value(polynomial.maximum) >= greatest - 1e-14)
    }
  }
}
