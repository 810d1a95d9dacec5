import GraphMatching
import Symmetry
import Synchronization
import Tensors
import Testing

/// Tensors that are made when a matching asks for them.
@Suite struct PartyTensorsTests {
  /// Counts the tensors that are made and still held.
  private final class Count: Sendable {
    let held = Atomic(0)
    let most = Atomic(0)
  }

  /// The elements of one tensor, for as long as it is held.
  private final class Elements: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer
    let count: Count

    init(_ tensor: Tensor, _ count: Count) throws {
      bytes = .allocate(byteCount: 4 * tensor.count, alignment: 16)
      try tensor.copyBytes(into: bytes)
      self.count = count
      let held = count.held.add(1, ordering: .relaxed).newValue
      count.most.max(held, ordering: .relaxed)
    }

    deinit {
      bytes.deallocate()
      count.held.subtract(1, ordering: .relaxed)
    }
  }

  private func counted(_ tensors: [Tensor], _ count: Count) -> PartyTensors {
    PartyTensors(count: tensors.count) { term in
      let owner = try Elements(tensors[term], count)
      return try Tensor(
        sharing: UnsafeRawBufferPointer(owner.bytes), of: owner, type: .float32,
        shape: tensors[term].shape)
    }
  }

  @Test func `a matching finds the same, and holds one tensor of one party at a time`() throws {
    let network = try TwoLayerNetwork()
    let terms = network.weights + network.signatures
    let parties = try PlantedParties(
      5, terms: terms, sizes: network.sizes, noise: 2, seed: 7)
    let expected = try universe(of: parties.tensors, terms: terms)
    let count = Count()
    let found = try universe(of: parties.tensors.map { counted($0, count) }, terms: terms)
    #expect(found.permutations == expected.permutations)
    #expect(found.objectives == expected.objectives)
    for (one, other) in try zip(found.sums(), expected.sums()) {
      #expect(try one.isIdentical(to: other))
    }
    #expect(count.most.load(ordering: .relaxed) == 1)
    #expect(count.held.load(ordering: .relaxed) == 0)
  }

  @Test func `a tensor that is not its term's is an error when it is made`() throws {
    let network = try TwoLayerNetwork()
    let parties = try PlantedParties(
      2, terms: network.weights, sizes: network.sizes, noise: 1, seed: 3)
    let wrong = PartyTensors(count: network.weights.count) { term in
      term == 1 ? try Tensor.zeros([3]) : parties.tensors[1][term]
    }
    #expect(throws: MatchingError.self) {
      try universe(of: [PartyTensors(parties.tensors[0]), wrong], terms: network.weights)
    }
    let short = PartyTensors(Array(parties.tensors[1].dropLast()))
    #expect(throws: MatchingError.self) {
      try universe(of: [PartyTensors(parties.tensors[0]), short], terms: network.weights)
    }
  }
}
