import Models
import Tensors
import Testing

@Suite struct BatchNormFoldingTests {
  /// The number of normalisations that directly follow a layer, by `make-fixtures.py`; DenseNet's
  /// stand before their layers.
  static let folded = [
    ("cnnbn-a-legacy-17", 2), ("cnnbn-b-legacy-17", 2), ("resnet-a-legacy-13", 6),
    ("resnet-b-legacy-13", 6), ("mobile-legacy-13-kept", 4), ("dense-legacy-17-kept", 0),
  ]

  @Test(arguments: folded)
  func `the folded graph is the same function`(name: String, count: Int) throws {
    let fixture = try Fixture(name)
    let folding = try BatchNormFolding(fixture.graph)
    func normalisations(_ graph: ModelGraph) -> Int {
      graph.nodes.filter { $0.operation == "BatchNormalization" }.count
    }
    #expect(folding.foldedOutputs.count == count)
    #expect(normalisations(folding.graph) == normalisations(fixture.graph) - count)
    let found = try output(of: folding.foldedGraph(), fixture.inputs)
    let expected = try #require(fixture.outputs.values.first)
    #expect(try relativeDifference(found, expected) < 1e-5)
  }

  @Test(arguments: folded.map(\.0))
  func `unfolding gives the folded function back under the original names`(name: String) throws {
    let fixture = try Fixture(name)
    let folding = try BatchNormFolding(fixture.graph)
    let folded = try folding.fold(fixture.graph.parameters)
    #expect(Set(folded.keys) == Set(folding.graph.parameterNames))
    let values = try ForwardPass(folding.foldedGraph()).values(
      fixture.inputs, capturing: Set(folding.foldedOutputs))
    let statistics = try values.mapValues { value in
      let axes = (0..<value.rank).filter { $0 != 1 }
      return (mean: try value.mean(axes), variance: try value.variance(axes))
    }
    let expected = try #require(fixture.outputs.values.first)
    for unfolded in [
      try folding.unfold(folded), try folding.unfold(folded, statistics: statistics),
    ] {
      #expect(Set(unfolded.keys) == Set(fixture.graph.parameterNames))
      for (name, tensor) in unfolded {
        #expect(tensor.shape == fixture.graph.initializers[name]?.shape, "\(name)")
        #expect(tensor.elementType == fixture.graph.initializers[name]?.elementType, "\(name)")
      }
      let found = try output(of: fixture.graph, fixture.inputs, parameters: unfolded)
      #expect(try relativeDifference(found, expected) < 1e-5)
    }
    // What is given as statistics is what the normalisation holds.
    let given = try folding.unfold(folded, statistics: statistics)
    for (index, node) in fixture.graph.nodes.enumerated()
    where node.operation == "BatchNormalization" && statistics[node.outputs[0]] != nil {
      let variance = try #require(given[node.inputs[4]])
      // A channel that is the same everywhere has the least variance that is written.
      let expected = try #require(statistics[node.outputs[0]]?.variance).clamped(atLeast: 1e-6)
      #expect(try variance.isIdentical(to: expected), "node \(index)")
    }
  }

  @Test func `another party's parameters fold under the first's names`() throws {
    let (a, b) = (try Fixture("cnnbn-a-legacy-17"), try Fixture("cnnbn-b-legacy-17"))
    let folding = try BatchNormFolding(a.graph)
    let folded = try folding.fold(ArchitectureMatch(a.graph, b.graph).renamed(b.graph.parameters))
    let found = try output(of: folding.graph, b.inputs, parameters: folded)
    #expect(try relativeDifference(found, #require(b.outputs.values.first)) < 1e-5)
  }

  @Test func `models in double precision stay in it`() throws {
    let architecture = Architecture.cnn(
      channels: 1, height: 8, width: 8, classes: 3, batchNormalization: true)
    var graph = try architecture.untrained(seed: 1)
    graph.initializers = try graph.initializers.mapValues { try $0.cast(to: .float64) }
    graph.inputs[0].type = .float64
    let folding = try BatchNormFolding(graph)
    #expect(folding.foldedOutputs == ["bn1", "bn2", "bn3"])
    let folded = try folding.fold(graph.parameters)
    let unfolded = try folding.unfold(folded)
    for tensor in [folded, unfolded].flatMap(\.values) { #expect(tensor.elementType == .float64) }
    let inputs = try graph.sampleInputs(seed: 1)
    let expected = try output(of: graph, inputs)
    #expect(try relativeDifference(output(of: folding.foldedGraph(), inputs), expected) < 1e-12)
    let again = try output(of: graph, inputs, parameters: unfolded)
    #expect(try relativeDifference(again, expected) < 1e-12)
  }

  @Test func `a value that something else reads, too, keeps its normalisation`() throws {
    var initializers = try weights(["w": [4, 4], "s": [4], "t": [4], "m": [4]])
    initializers["v"] = try Tensor.full([4], 1)
    let norm = node("BatchNormalization", "h s t m v -> n")
    let dense = node("Gemm", "x w -> h", ["transB": .int(1)])
    let plain = ModelGraph.small(
      [dense, norm, node("Relu", "n -> y")], initializers, x: [nil, 4])
    #expect(try BatchNormFolding(plain).foldedOutputs == ["n"])
    let read = ModelGraph.small(
      [dense, norm, node("Add", "n h -> y")], initializers, x: [nil, 4])
    #expect(try BatchNormFolding(read).foldedOutputs == [])
  }
}
