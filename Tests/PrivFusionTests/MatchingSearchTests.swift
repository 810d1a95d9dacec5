import Models
import PrivFusion
import Symmetry
import Tensors
import Testing

@Suite struct MatchingSearchTests {
  private let network = PlantedNetwork.all[0]

  /// A model and a copy in another order, whose weights from an input that is always 0 on the probe
  /// are replaced by noise that drowns the others.
  private func parties(_ graph: ModelGraph, noise: Double) throws -> [PartyModel] {
    let groups = try PermutationGroups(ForwardPass(graph), inputs: probe(for: graph, count: 2))
    let model = try network.parameters(seed: 3)
    var generator = SeededGenerator(seed: 4)
    let orders = groups.groups.reduce(into: [GroupID: Permutation]()) {
      $0[$1.id] = .random($1.size, using: &generator)
    }
    return try (0..<2).map { index in
      let own = try model.sorted { $0.key < $1.key }.reduce(into: [String: Tensor]()) {
        var value = $1.value
        if value.shape == [16, 12] {
          let kept = try value.selecting(Array(0..<11), axis: 1)
          let drowned = try Tensor.normal([16, 1], seed: generator.next()).multiplied(by: noise)
          value = try Tensor.concatenated([kept, drowned], axis: 1)
        }
        $0[$1.key] = index == 0 ? value : try groups.permuted(value, named: $1.key, by: orders)
      }
      return PartyModel(name: "party \(index)", parameters: own)
    }
  }

  /// Inputs whose last number is 0.
  private func inputs(for graph: ModelGraph, count: Int) throws -> [String: Tensor] {
    try probe(for: graph, count: count).mapValues {
      try Tensor.concatenated(
        [$0.selecting(Array(0..<11), axis: 1), Tensor.zeros([count, 1])], axis: 1)
    }
  }

  @Test func `where weights are drowned in noise neurons are matched by activations`() throws {
    let graph = try network.architecture.untrained(seed: 0)
    let inputs = try inputs(for: graph, count: 100)
    let shared = try SharedArchitecture(graph, probe: inputs, seed: 1)
    let parties = try parties(graph, noise: 1000)
    let found = try MatchingSearch(shared, settings: .openAverage()).choice(for: parties)
    #expect(found.matching == .activations)
    #expect(Set(found.logLikelihoods.keys) == Set(MatchingSearch.candidates))
    let fused = try fuse(shared, parties.map(\.parameters), .openAverage(found.matching)).fused
    // Single precision, where the copies of a unit are summed in another order.
    #expect(
      try relativeDifference(
        output(of: graph, inputs, parameters: fused),
        output(of: graph, inputs, parameters: parties[0].parameters)) < 1e-4)
  }

  @Test func `with too few probes to hold some out both are matched by`() throws {
    let graph = try network.architecture.untrained(seed: 0)
    let shared = try SharedArchitecture(graph, probe: inputs(for: graph, count: 2), seed: 1)
    let found = try MatchingSearch(shared, settings: .openAverage()).choice(
      for: parties(graph, noise: 1))
    #expect(found.matching == .both)
    #expect(found.logLikelihoods.isEmpty)
  }

  @Test func `of equals, to rounding, the first candidate is taken`() {
    #expect(MatchingSearch.likeliest([.both: -1, .weights: -1 + 1e-5, .activations: -1]) == .both)
    #expect(
      MatchingSearch.likeliest([.both: -1, .weights: -0.9, .activations: -0.8]) == .activations)
    #expect(MatchingSearch.likeliest([.both: -1, .weights: -0.9, .activations: -2]) == .weights)
  }
}
