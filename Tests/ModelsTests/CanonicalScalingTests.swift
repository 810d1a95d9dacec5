import Models
import Symmetry
import Tensors
import Testing

@Suite struct CanonicalScalingTests {
  /// A model without batch normalisation, brought to unit deviations on its inputs.
  private struct Scaled {
    let graph: ModelGraph
    let layers: [LinearLayer]
    let scaling: CanonicalScaling
    let parameters: [String: Tensor]

    init(_ original: ModelGraph, _ inputs: [String: Tensor]) throws {
      graph = try BatchNormFolding(original).foldedGraph()
      layers = graph.linearLayers
      let groups = try PermutationGroups(ForwardPass(graph), inputs: inputs)
      scaling = CanonicalScaling(graph, layers: layers, groups: groups)
      let deviations = try Self.deviations(graph, layers, inputs, graph.parameters)
      parameters = try scaling.canonical(
        graph.parameters, layers: layers, deviations: deviations)
    }

    static func deviations(
      _ graph: ModelGraph, _ layers: [LinearLayer], _ inputs: [String: Tensor],
      _ parameters: [String: Tensor]
    ) throws -> [String: Tensor] {
      let values = try ForwardPass(graph).values(
        inputs, parameters: parameters, capturing: Set(layers.map(\.output)))
      return try layers.reduce(into: [:]) {
        let rows = try $1.outputRows(#require(values[$1.output]))
        $0[$1.output] = try rows.variance([0]).squareRoot()
      }
    }

    /// Weights of the layers that are scaled, in the order of the layers.
    var scaledWeights: [String] {
      layers.filter { scaling.scaledOutputs.contains($0.output) }.map(\.weight)
    }
  }

  @Test(arguments: Fixture.names)
  func `scaling leaves the function as it is`(name: String) throws {
    let fixture = try Fixture(name)
    let scaled = try Scaled(fixture.graph, fixture.inputs)
    let found = try ForwardPass(scaled.graph).values(
      fixture.inputs, parameters: scaled.parameters)
    let original = try ForwardPass(fixture.graph).values(fixture.inputs)
    #expect(found.count == fixture.outputs.count)
    for (port, expected) in original {
      #expect(try relativeDifference(#require(found[port]), expected) < 1e-5, "\(port)")
    }
  }

  @Test(arguments: [
    "mlp-a-legacy-17", "cnn-dynamo-18", "cnn1d-legacy-17", "resnet-a-legacy-13",
    "transformer-a-legacy-17", "functions-helper-17",
  ])
  func `scaled units have unit deviation on the inputs`(name: String) throws {
    let fixture = try Fixture(name)
    let scaled = try Scaled(fixture.graph, fixture.inputs)
    let before = try Scaled.deviations(
      scaled.graph, scaled.layers, fixture.inputs, scaled.graph.parameters)
    let after = try Scaled.deviations(
      scaled.graph, scaled.layers, fixture.inputs, scaled.parameters)
    #expect(!scaled.scaling.scaledOutputs.isEmpty)
    for output in scaled.scaling.scaledOutputs {
      let original = try #require(before[output])
      // Units at the floor come out below 1.
      let expected = try original.divided(by: CanonicalScaling.floored(original))
      #expect(try relativeDifference(#require(after[output]), expected) < 1e-4)
      #expect(try original.subtracting(1).largestMagnitude() > 1e-2)
    }
  }

  @Test func `every hidden layer of perceptrons and plain convolutions is scaled`() throws {
    for (name, count) in [
      ("mlp-a-legacy-17", 2), ("mlp-dynamo-18", 2), ("cnn-legacy-11-static", 3),
      ("cnn-dynamo-18", 3), ("cnnbn-a-legacy-17", 3), ("cnn1d-dynamo-18", 2),
      ("functions-helper-17", 1),
    ] {
      let fixture = try Fixture(name)
      let scaled = try Scaled(fixture.graph, fixture.inputs)
      // All but the last.
      #expect(scaled.scaledWeights == scaled.layers.dropLast().map(\.weight), "\(name)")
      #expect(scaled.scaledWeights.count == count, "\(name)")
    }
  }

  @Test func `what ends in a residual stream is not scaled, and what is inside a block is`() throws
  {
    let resnet = try Fixture("resnet-a-legacy-13")
    #expect(
      try Scaled(resnet.graph, resnet.inputs).scaledWeights
        == ["layer1.conv1.weight", "layer2.conv1.weight"])
    for name in Fixture.names(startingWith: "transformer") where !name.hasSuffix("shared") {
      let fixture = try Fixture(name)
      let scaled = try Scaled(fixture.graph, fixture.inputs)
      // The first layer of each feed-forward block, of 64 units.
      #expect(scaled.scaledWeights.count == 2)
      for layer in scaled.layers where scaled.scaling.scaledOutputs.contains(layer.output) {
        #expect(scaled.graph.initializers[layer.weight]?.shape[layer.outputAxis] == 64)
      }
    }
  }

  @Test(arguments: ["tokens", "mobile"])
  func `nothing is scaled before GELU or a rectifier with a ceiling`(prefix: String) throws {
    for name in Fixture.names(startingWith: prefix) {
      let fixture = try Fixture(name)
      #expect(try Scaled(fixture.graph, fixture.inputs).scaledWeights.isEmpty, "\(name)")
    }
  }

  @Test func `what stands between two layers decides whether the first is scaled`() throws {
    let initializers = try weights(["a": [6, 4], "b": [3, 6]])
      .merging(["low": Tensor(Float(0)), "high": Tensor(Float(6))]) { $1 }
    for (activation, isScaled) in [
      (node("Relu", "h -> r"), true), (node("LeakyRelu", "h -> r"), true),
      (node("Clip", "h low high -> r"), false), (node("Tanh", "h -> r"), false),
      (node("Sigmoid", "h -> r"), false), (node("Softmax", "h -> r"), false),
    ] {
      let layers = ["x a -> h", "r b -> y"].map { node("Gemm", $0, ["transB": .int(1)]) }
      let graph = ModelGraph.small([layers[0], activation, layers[1]], initializers, x: [nil, 4])
      let scaled = try Scaled(graph, graph.sampleInputs(seed: 1))
      #expect(scaled.scaledWeights == (isScaled ? ["a"] : []), "\(activation.operation)")
    }
  }

  @Test func `a unit that hardly moves is scaled as if it were at a tenth of the median`() throws {
    let deviation = try Tensor([0, 1, 2, 3, 0.05] as [Float], shape: [5])
    let floored = try CanonicalScaling.floored(deviation).elements(as: Float.self)
    #expect(floored == [0.1, 1, 2, 3, 0.1])
    let dead = try CanonicalScaling.floored(Tensor.zeros([3])).elements(as: Float.self)
    #expect(dead.allSatisfy { $0 > 0 })
  }

  @Test func `a layer whose units meet before the next layer is not scaled`() throws {
    let graph = ModelGraph.small(
      [
        node("Gemm", "x a -> h", ["transB": .int(1)]), node("Relu", "h -> r"),
        node("ReduceMean", "r -> m", ["axes": .ints([1])]), node("MatMul", "m b -> y"),
      ], try weights(["a": [6, 4], "b": [1, 3]]), x: [nil, 4])
    let scaled = try Scaled(graph, graph.sampleInputs(seed: 1))
    #expect(scaled.scaledWeights.isEmpty)
  }
}
