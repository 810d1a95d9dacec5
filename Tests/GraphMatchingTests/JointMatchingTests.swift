import GraphMatching
import Symmetry
import Tensors
import Testing

@Suite struct JointMatchingTests {
  @Test(arguments: [2, 5])
  func `planted orders are recovered in twenty of twenty seeds`(count: Int) throws {
    let network = try TwoLayerNetwork()
    for terms in [network.weights, network.weights + network.signatures] {
      for seed in 0..<20 {
        let parties = try PlantedParties(
          count, terms: terms, sizes: network.sizes, noise: 0.5, seed: UInt64(seed))
        let found = try JointMatching().universe(of: parties.tensors, terms: terms)
        #expect(parties.isRecovered(found.universe.permutations), "seed \(seed)")
        #expect(found.hasConverged && found.universe.hasConverged)
        #expect(found.universe.permutations[0].values.allSatisfy { $0.isIdentity })
      }
    }
  }

  @Test func `the ascent alone ends a start that is half right, and not one that knows nothing`()
    throws
  {
    let network = try TwoLayerNetwork(inputs: 12, outputs: 6, samples: 20)
    let terms = network.weights + network.signatures
    var matching = JointMatching()
    matching.isPolished = false
    var (starts, identities) = (0, 0)
    for seed in 0..<20 {
      let parties = try PlantedParties(
        5, terms: terms, sizes: network.sizes, noise: 0.9, seed: UInt64(seed))
      let start = try universe(
        of: parties.tensors.map { Array($0[network.weights.count...]) }, terms: network.signatures)
      let found = try matching.universe(
        of: parties.tensors, terms: terms, start: start.permutations)
      #expect(parties.isRecovered(found.universe.permutations), "seed \(seed)")
      if parties.isRecovered(start.permutations) { starts += 1 }
      let unstarted = try matching.universe(of: parties.tensors, terms: terms)
      if parties.isRecovered(unstarted.universe.permutations) { identities += 1 }
    }
    #expect(starts < 20 && identities < 20)
  }

  @Test func `tied, flattened and packed axes are recovered`() throws {
    let (stream, inner, heads) = (GroupID(0), GroupID(1), GroupID(2))
    let wide = AxisStructure.group(stream, size: 16)
    let packed = AxisStructure.product([.group(heads, size: 4), .group(inner, size: 6)])
    let terms = [
      try MatchingTerm(axes: [wide, .fixed(16)], weight: 1),
      try MatchingTerm(axes: [wide, wide], weight: 1),
      try MatchingTerm(axes: [.sum([packed, packed]), wide, .fixed(4)], weight: 1),
      try MatchingTerm(axes: [.fixed(8), .product([wide, .fixed(4)])], weight: 1),
      try MatchingTerm(axes: [.group(heads, size: 4), .fixed(100)], weight: 10),
    ]
    for seed in 0..<10 {
      let parties = try PlantedParties(
        3, terms: terms, sizes: [stream: 16, inner: 6, heads: 4], noise: 0.1, seed: UInt64(seed))
      let found = try JointMatching().universe(of: parties.tensors, terms: terms)
      #expect(parties.isRecovered(found.universe.permutations), "seed \(seed)")
    }
  }

  @Test func `the objective never falls, and the polish never lowers it`() throws {
    let network = try TwoLayerNetwork()
    let wide = AxisStructure.group(network.first, size: 24)
    let terms = network.weights + [try MatchingTerm(axes: [wide, wide], weight: 2)]
    for seed in 0..<10 {
      // Noise as strong as this leaves no planted order to find, only local optima.
      let parties = try PlantedParties(
        4, terms: terms, sizes: network.sizes, noise: 3, seed: UInt64(seed))
      let found = try JointMatching().universe(of: parties.tensors, terms: terms)
      // Sums in another order differ by about 1e-12 of the whole.
      let slack = 1e-9 * (found.ascent.map(abs).max() ?? 0)
      #expect(
        zip(found.ascent, found.ascent.dropFirst()).allSatisfy { $0 <= $1 + slack }, "seed \(seed)")
      #expect(found.steps.count > 2 && found.steps.allSatisfy { $0 > 0 && $0 <= 1 })
      let end = try matchingObjective(of: aligned(found.universe), terms: terms)
      #expect(abs(end - found.universe.objectives[found.universe.objectives.count - 1]) <= slack)
      #expect(end >= found.projected - slack)
    }
  }

  @Test func `a given start that is better is kept`() throws {
    let network = try TwoLayerNetwork()
    for seed in 0..<10 {
      let parties = try PlantedParties(
        4, terms: network.weights, sizes: network.sizes, noise: 3, seed: UInt64(seed))
      let descent = try universe(of: parties.tensors, terms: network.weights)
      let joint = try JointMatching().universe(
        of: parties.tensors, terms: network.weights, start: descent.permutations)
      let least = try matchingObjective(of: aligned(descent), terms: network.weights)
      let found = try matchingObjective(of: aligned(joint.universe), terms: network.weights)
      #expect(found >= least * (1 - 1e-9), "seed \(seed)")
    }
  }

  @Test func `an iteration's matrix products are linear in the number of parties`() throws {
    let network = try TwoLayerNetwork()
    var matching = JointMatching()
    matching.maximumIterations = 3
    matching.tolerance = 0
    for count in [3, 6, 12] {
      let parties = try PlantedParties(
        count, terms: network.weights, sizes: network.sizes, noise: 3, seed: 3)
      let found = try matching.universe(of: parties.tensors, terms: network.weights)
      #expect(found.steps.count == 3)
      // Aligning the three weights takes 1 + 2 + 1 products. An iteration: for gradients 1 + 4 + 1,
      // for the middle of the step 2 of the weight between both groups, and aligning again.
      #expect(found.productCount == count * (4 + 3 * (6 + 2 + 4)))
    }
  }

  @Test func `maps through the universe agree around every cycle, and those of pairs do not`()
    throws
  {
    let network = try TwoLayerNetwork()
    let easy = try PlantedParties(
      4, terms: network.weights, sizes: network.sizes, noise: 0.1, seed: 1)
    let exact = try pairwiseAlignments(of: easy.tensors, terms: network.weights)
    #expect(cycleError(of: exact) == 0)
    let found = try JointMatching().universe(of: easy.tensors, terms: network.weights).universe
    for p in 0..<4 {
      for q in 0..<4 { #expect(found.maps[p][q] == exact[p][q], "\(p) to \(q)") }
    }
    let hard = try PlantedParties(
      4, terms: network.weights, sizes: network.sizes, noise: 3, seed: 1)
    let pairs = try pairwiseAlignments(of: hard.tensors, terms: network.weights)
    #expect(cycleError(of: pairs) > 0.5)
    let universe = try JointMatching().universe(of: hard.tensors, terms: network.weights).universe
    #expect(cycleError(of: universe.maps) == 0)
    #expect(cycleError(of: Array(pairs.prefix(2)).map { Array($0.prefix(2)) }) == 0)
  }

  @Test func `the same input gives the same universe`() throws {
    let network = try TwoLayerNetwork()
    let parties = try PlantedParties(
      5, terms: network.weights, sizes: network.sizes, noise: 2, seed: 5)
    let first = try JointMatching().universe(of: parties.tensors, terms: network.weights)
    for threads in [1, 2, 2] {
      let before = TensorEngine.threadCount
      defer { TensorEngine.threadCount = before }
      TensorEngine.threadCount = threads
      let again = try JointMatching().universe(of: parties.tensors, terms: network.weights)
      #expect(again.universe.permutations == first.universe.permutations)
      #expect(again.steps == first.steps)
    }
  }

  @Test func `identical models stay in place, and so does one alone`() throws {
    let network = try TwoLayerNetwork()
    let terms = network.weights + network.signatures
    let model = try PlantedParties(1, terms: terms, sizes: network.sizes, noise: 0, seed: 2)
      .tensors[0]
    for count in 1...3 {
      let parties = Array(repeating: model, count: count)
      let found = try JointMatching().universe(of: parties, terms: terms).universe
      #expect(found.permutations.allSatisfy { $0.values.allSatisfy { $0.isIdentity } })
    }
    #expect(throws: MatchingError.noParties) {
      try JointMatching().universe(of: [[Tensor]](), terms: terms)
    }
  }
}
