import Models
import PrivFusion
import Symmetry
import Tensors
import Testing

@Suite struct MatchingChoiceTests {
  private func shared(_ network: PlantedNetwork) throws -> (ModelGraph, SharedArchitecture) {
    let graph = try network.architecture.untrained(seed: 0)
    return (graph, try SharedArchitecture(graph, probe: probe(for: graph, count: 24), seed: 1))
  }

  /// A model and two copies of it in orders of their own, each with noise of its own.
  private func parties(_ network: PlantedNetwork, _ graph: ModelGraph, noise: Double) throws
    -> [PartyModel]
  {
    let groups = try PermutationGroups(ForwardPass(graph), inputs: probe(for: graph, count: 2))
    let model = try network.parameters(seed: 3)
    var generator = SeededGenerator(seed: 4)
    return try (0..<3).map { index in
      let orders = groups.groups.reduce(into: [GroupID: Permutation]()) {
        $0[$1.id] = .random($1.size, using: &generator)
      }
      let own = try model.sorted { $0.key < $1.key }.reduce(into: [String: Tensor]()) {
        let scale = try $1.value.rootMeanSquare() * noise
        let noisy = try $1.value.adding(
          Tensor.normal($1.value.shape, seed: generator.next()).multiplied(by: scale))
        $0[$1.key] = try groups.permuted(
          $1.key.hasSuffix("running_var") ? $1.value : noisy, named: $1.key, by: orders)
      }
      return PartyModel(name: "party \(index)", parameters: own)
    }
  }

  @Test(arguments: PlantedNetwork.all)
  func `what neurons are matched by follows from what is public`(network: PlantedNetwork) throws {
    let (_, shared) = try shared(network)
    #expect(shared.recommendedMatching(isPrivate: true) == .activations)
    #expect(shared.recommendedMatching(isPrivate: false) == .both)
  }

  @Test(arguments: PlantedNetwork.all)
  func `copies in other orders match wholly, and noisy ones as well as their noise allows`(
    network: PlantedNetwork
  ) throws {
    let (graph, shared) = try shared(network)
    for matching in FusionSettings.Matching.allCases where matching != .none {
      let session = try FusionSession(shared, settings: .openAverage(matching))
      let exact = try session.matchingReport(parties(network, graph, noise: 0))
      // Single precision, where the copies of a unit are summed in another order.
      #expect(abs(exact.objective - 1) < 1e-5, "\(matching)")
      #expect(exact.cycleError == 0 && exact.pairwiseCycleError == 0)
      let noisy = try session.matchingReport(parties(network, graph, noise: 0.5))
      #expect(noisy.objective > 0.3 && noisy.objective < 0.99, "\(matching)")
      #expect(noisy.cycleError == 0)
    }
  }
}
