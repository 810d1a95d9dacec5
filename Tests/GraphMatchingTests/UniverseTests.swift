import GraphMatching
import Symmetry
import Tensors
import Testing

@Suite struct UniverseTests {
  @Test(arguments: [2, 5])
  func `planted orders are recovered in a hundred of a hundred seeds`(count: Int) throws {
    let network = try TwoLayerNetwork()
    for terms in [network.weights, network.signatures, network.weights + network.signatures] {
      for seed in 0..<100 {
        let parties = try PlantedParties(
          count, terms: terms, sizes: network.sizes, noise: 0.1, seed: UInt64(seed))
        let matched = try universe(of: parties.tensors, terms: terms)
        #expect(parties.isRecovered(matched.permutations), "seed \(seed)")
        #expect(matched.hasConverged)
        #expect(matched.permutations[0].values.allSatisfy { $0.isIdentity })
      }
    }
  }

  @Test func `a convolution flattened into a linear layer is recovered`() throws {
    let (channels, hidden) = (GroupID(3), GroupID(1))
    let terms = [
      try MatchingTerm(
        axes: [.group(channels, size: 12), .fixed(1), .fixed(3), .fixed(3)], weight: 1),
      try MatchingTerm(axes: [.group(channels, size: 12)], weight: 1),
      try MatchingTerm(
        axes: [
          .group(hidden, size: 16), .product([.group(channels, size: 12), .fixed(4)]),
        ], weight: 1),
      try MatchingTerm(axes: [.fixed(10), .group(hidden, size: 16)], weight: 1),
    ]
    for seed in 0..<20 {
      let parties = try PlantedParties(
        3, terms: terms, sizes: [channels: 12, hidden: 16], noise: 0.1, seed: UInt64(seed))
      let matched = try universe(of: parties.tensors, terms: terms)
      #expect(parties.isRecovered(matched.permutations), "seed \(seed)")
    }
  }

  @Test func `a group on both axes of a square tensor is recovered`() throws {
    let (stream, inner) = (GroupID(0), GroupID(1))
    let wide = AxisStructure.group(stream, size: 20)
    let terms = [
      try MatchingTerm(axes: [wide, .fixed(16)], weight: 1),
      try MatchingTerm(axes: [wide, wide], weight: 1),
      try MatchingTerm(axes: [.group(inner, size: 15), wide], weight: 1),
      try MatchingTerm(axes: [.sum([wide, .group(inner, size: 15), wide]), .fixed(5)], weight: 1),
    ]
    for seed in 0..<20 {
      let parties = try PlantedParties(
        3, terms: terms, sizes: [stream: 20, inner: 15], noise: 0.1, seed: UInt64(seed))
      let matched = try universe(of: parties.tensors, terms: terms)
      #expect(parties.isRecovered(matched.permutations), "seed \(seed)")
    }
  }

  @Test func `heads and the features inside them are recovered`() throws {
    let (heads, features) = (GroupID(0), GroupID(1))
    let packed = AxisStructure.product([.group(heads, size: 6), .group(features, size: 8)])
    let terms = [
      try MatchingTerm(axes: [.sum([packed, packed]), .fixed(100)], weight: 1),
      // Two factors of one axis hide each other; this tells the heads apart.
      try MatchingTerm(axes: [.group(heads, size: 6), .fixed(100)], weight: 10),
    ]
    for seed in 0..<20 {
      let parties = try PlantedParties(
        3, terms: terms, sizes: [heads: 6, features: 8], noise: 0.1, seed: UInt64(seed))
      let matched = try universe(of: parties.tensors, terms: terms)
      #expect(parties.isRecovered(matched.permutations), "seed \(seed)")
    }
  }

  @Test func `the objective never falls from one sweep to the next`() throws {
    let network = try TwoLayerNetwork()
    let wide = AxisStructure.group(network.first, size: 24)
    let terms = network.weights + [try MatchingTerm(axes: [wide, wide], weight: 2)]
    for seed in 0..<10 {
      // Noise as strong as this leaves no planted order to find, only local optima.
      let parties = try PlantedParties(
        4, terms: terms, sizes: network.sizes, noise: 3, seed: UInt64(seed))
      let before = try matchingObjective(of: parties.tensors, terms: terms)
      let matched = try universe(of: parties.tensors, terms: terms)
      let values = [before] + matched.objectives
      // Sums in another order differ by about 1e-12 of the whole.
      let slack = 1e-9 * (values.map(abs).max() ?? 0)
      #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 + slack }, "seed \(seed)")
      let end = try matchingObjective(of: aligned(matched), terms: terms)
      #expect(abs(end - values[values.count - 1]) <= slack)
      #expect(values.count > 2 && before < end)
    }
  }

  @Test func `identical models stay in place however many units are equal`() throws {
    let network = try TwoLayerNetwork(inputs: 33, widths: (64, 48))
    let terms = network.weights + network.signatures
    for seed in 0..<10 {
      let model = try PlantedParties(
        1, terms: terms, sizes: [:], noise: 0, seed: UInt64(seed)
      ).tensors[0]
      // Units 2k and 2k + 1 of both layers are the same in every tensor.
      let equal = [network.first: 64, network.second: 48].mapValues { size in
        (0..<size).map { $0 / 2 * 2 }
      }
      let tied = try zip(terms, model).map { term, tensor in
        try term.axes.enumerated().reduce(tensor) { result, axis in
          guard let group = axis.element.groups.first, let indices = equal[group] else {
            return result
          }
          return try result.selecting(indices, axis: axis.offset)
        }
      }
      // One sweep alone: an even number of exchanges would hide itself.
      let once = try alignment(of: tied, to: tied, terms: terms, maximumSweeps: 1)
      #expect(once.values.allSatisfy { $0.isIdentity })
      let matched = try universe(of: [tied, tied, tied], terms: terms)
      for permutations in matched.permutations {
        #expect(permutations.values.allSatisfy { $0.isIdentity })
      }
    }
  }

  @Test func `the same input gives the same universe`() throws {
    let network = try TwoLayerNetwork()
    let parties = try PlantedParties(
      5, terms: network.weights, sizes: network.sizes, noise: 2, seed: 5)
    let first = try universe(of: parties.tensors, terms: network.weights)
    for threads in [1, 2, 2] {
      let before = TensorEngine.threadCount
      defer { TensorEngine.threadCount = before }
      TensorEngine.threadCount = threads
      let again = try universe(of: parties.tensors, terms: network.weights)
      #expect(again.permutations == first.permutations)
      for (one, other) in try zip(again.sums(), first.sums()) {
        #expect(try one.isIdentical(to: other))
      }
    }
  }

  @Test func `sums, means and the universe without a party belong together`() throws {
    let network = try TwoLayerNetwork()
    let terms = network.weights
    let parties = try PlantedParties(
      4, terms: terms, sizes: network.sizes, noise: 0.1, seed: 9)
    let matched = try universe(of: parties.tensors, terms: terms)
    let (sums, means) = (try matched.sums(), try matched.means())
    for party in 0..<4 {
      let aligned = try matched.aligned(party: party)
      let own = try permuted(
        parties.tensors[party], by: matched.permutations[party], terms: terms)
      let others = try matched.excluding(party: party)
      for term in terms.indices {
        #expect(try own[term].isIdentical(to: aligned[term]))
        // Single precision of numbers of about 4.
        let rest = try sums[term].subtracting(own[term]).subtracting(others[term])
        #expect(try rest.largestMagnitude() < 1e-5)
        let mean = try means[term].multiplied(by: 4).subtracting(sums[term])
        #expect(try mean.largestMagnitude() < 1e-5)
      }
    }
    #expect(sums.allSatisfy { $0.elementType == .float32 })
  }

  @Test func `one party alone is its own universe`() throws {
    let network = try TwoLayerNetwork()
    let parties = try PlantedParties(
      1, terms: network.weights, sizes: network.sizes, noise: 0, seed: 1)
    let matched = try universe(of: parties.tensors, terms: network.weights)
    #expect(try matched.sums()[0].isIdentical(to: parties.tensors[0][0]))
    #expect(try matched.excluding(party: 0)[0].largestMagnitude() == 0)
    #expect(throws: MatchingError.noParties) {
      try universe(of: [[Tensor]](), terms: network.weights)
    }
  }
}

/// Every party's tensors in the universe's order.
func aligned(_ universe: MatchedUniverse) throws -> [[Tensor]] {
  try universe.permutations.indices.map { try universe.aligned(party: $0) }
}
