import Models
import PrivFusion
import Tensors
import Testing

/// Pairs of models that PyTorch exported, fused with the settings of a plain `fuse`.
@Suite struct FixtureFusionTests {
  private func settings(_ shared: SharedArchitecture, epsilon: Double?) -> FusionSettings {
    FusionSettings(
      disclosure: epsilon.map { .randomized(epsilon: $0, voteEpsilon: $0) } ?? .open,
      matching: .activations, adapter: epsilon == nil ? nil : shared.recommendedAdapter(),
      seed: 0)
  }

  private func expectUsable(
    _ fused: [String: Tensor], _ graph: ModelGraph, _ inputs: [String: Tensor]
  ) throws {
    #expect(Set(fused.keys).isSuperset(of: graph.parameterNames))
    for (name, tensor) in fused {
      #expect(tensor.shape == graph.initializers[name]?.shape, "\(name)")
      #expect(tensor.elementType == graph.initializers[name]?.elementType, "\(name)")
      #expect(try tensor.isFinite(), "\(name)")
    }
    let found = try output(of: graph, inputs, parameters: fused)
    let own = try output(of: graph, inputs, parameters: [:])
    #expect(found.shape == own.shape)
    #expect(try found.isFinite())
    // Not the answer of a model that has lost its inputs.
    #expect(try found.variance([0]).largestMagnitude() > 1e-6)
  }

  @Test(arguments: Fixtures.pairs, [nil, 1, 4] as [Double?])
  func `a pair fuses with default settings`(pair: (String, String), epsilon: Double?) throws {
    let (a, b) = try Fixtures.pair(pair)
    let inputs = try probe(for: a, count: 32)
    let shared = try SharedArchitecture(a, probe: inputs, seed: 3)
    #expect(!shared.groups.groups.isEmpty)
    let outcome = try fuse(
      shared, [a.initializers, b], settings(shared, epsilon: epsilon))
    try expectUsable(outcome.fused, a, inputs)
    try expectUsable(#require(outcome.withoutFilter), a, inputs)
    #expect((outcome.privacy == nil) == (epsilon == nil))
  }

  @Test(arguments: Fixtures.pairs, [nil, 4] as [Double?])
  func `a pair fuses from a common initialisation`(
    pair: (String, String), epsilon: Double?
  ) throws {
    let (a, b) = try Fixtures.pair(pair)
    let inputs = try probe(for: a, count: 32)
    let shared = try SharedArchitecture(a, probe: inputs, seed: 3)
    var settings = settings(shared, epsilon: epsilon)
    settings.commonInitialization = a.initializers
    let outcome = try fuse(shared, [a.initializers, b], settings)
    try expectUsable(outcome.fused, a, inputs)
    try expectUsable(#require(outcome.withoutFilter), a, inputs)
  }

  @Test(arguments: Fixtures.pairs)
  func `open differences to a common initialisation average to the plain average`(
    pair: (String, String)
  ) throws {
    let (a, b) = try Fixtures.pair(pair)
    let inputs = try probe(for: a, count: 16)
    let shared = try SharedArchitecture(a, probe: inputs, seed: 3)
    var settings = FusionSettings.openAverage()
    settings.commonInitialization = a.initializers
    let fused = try fuse(shared, [a.initializers, b], settings).fused
    // Folded normalisation is averaged as folded, so that only layers without one compare by value.
    guard !a.nodes.contains(where: { $0.operation == "BatchNormalization" }) else { return }
    for name in a.parameterNames {
      let (x, y) = (try #require(a.initializers[name]), try #require(b[name]))
      let mean = try x.adding(y).multiplied(by: 0.5)
      let found = try #require(fused[name])
      // Two roundings in single precision.
      #expect(try found.subtracting(mean).largestMagnitude() < 1e-5, "\(name)")
    }
  }
}
