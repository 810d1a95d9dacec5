import Models
import PrivFusion
import Tensors
import Testing

@Suite struct SelfFusionTests {
  static let names = Fixtures.pairs.map(\.0)

  @Test(arguments: names, FusionSettings.Matching.allCases)
  func `a model fused with itself is itself, bit for bit`(
    name: String, matching: FusionSettings.Matching
  ) throws {
    let graph = try Fixtures.graph(name)
    let shared = try SharedArchitecture(graph, probe: probe(for: graph, count: 20), seed: 3)
    let fused = try fuse(
      shared, [graph.initializers, graph.initializers], .openAverage(matching)
    ).fused
    for parameter in graph.parameterNames {
      let expected = try #require(graph.initializers[parameter])
      #expect(try fused[parameter]?.isIdentical(to: expected) == true, "\(parameter)")
    }
  }
}
