import Models
import Tensors
import Testing

/// What a filter relies on: a layer's output is its input rows times its weight.
@Suite struct LinearLayerTests {
  /// `inputRows · matricesᵀ + bias == outputRows` on all rows of every linear layer.
  ///
  /// Sums of at most a few hundred terms in single precision, hence 1e-5.
  ///
  /// - Returns: The number of layers.
  @discardableResult
  private func expectProducts(_ graph: ModelGraph, _ inputs: [String: Tensor]) throws -> Int {
    let layers = graph.linearLayers
    let values = try ForwardPass(graph).values(
      inputs, capturing: Set(layers.flatMap { [$0.input, $0.output] }))
    for layer in layers {
      let input = try #require(values[layer.input])
      let output = try layer.outputRows(#require(values[layer.output]))
      let weight = try #require(graph.initializers[layer.weight])
      let rows = SampledRows(
        total: layer.rowCount(input: input), inputCount: 1, positionsPerInput: .max, seed: 0)
      #expect(rows.rows.count == output.shape[0])
      let read = try layer.inputRows(input, rows)
      let matrices = try layer.matrices(weight)
      #expect(read.shape[0] == matrices.shape[0] && read.shape[2] == matrices.shape[2])
      let product = try read.matmul(matrices.transposed()).permuted([1, 0, 2])
      var found = try product.reshaped([output.shape[0], -1])
      if let bias = layer.bias { found = try found.adding(#require(graph.initializers[bias])) }
      #expect(try relativeDifference(found, output) < 1e-5, "\(layer.output)")
      #expect(try layer.weight(matrices, shape: weight.shape).isIdentical(to: weight))
    }
    return layers.count
  }

  @Test(arguments: Fixture.names)
  func `rows of the input times the weight are rows of the output`(name: String) throws {
    let fixture = try Fixture(name)
    let count = try expectProducts(fixture.graph, fixture.inputs)
    // Counted in `make-fixtures.py`; the shared encoder layers belong to nobody alone.
    let expected: [(String, Int)] = [
      // The bias of the convolutions in the dynamo exporter's unfolded file is computed.
      ("mlp", 3), ("cnn", 4), ("cnnbn-dynamo-18", 2), ("cnnbn", 4), ("cnn1d", 3), ("resnet", 7),
      ("mobile", 6),
      ("dense", 4), ("transformer", 9), ("tokens", 9), ("functions", 2), ("typed", 0),
      ("bottleneck", 10), ("shuffle", 8), ("squeeze", 7), ("vgg", 5), ("groupnorm", 4),
      ("instancenorm", 4), ("unet-dynamo-21-linear", 5), ("unet-legacy-17-nearest", 5), ("unet", 4),
      ("lstm", 1), ("lstm2", 1), ("gru", 1), ("gru2", 1), ("rnn", 1), ("cells", 5), ("norms", 3),
      // Of its weights, all but two are read more than once.
      ("resizes", 2),
      // Blocks of four projections, or of two with stacked ones, and two or three further layers; the
      // exporter stores a tied table once more, transposed, for the head.
      ("bert", 14), ("vit-stacked", 10), ("einsum", 5), ("gpt-tied", 9), ("relative", 13),
      ("geglu-fused", 13), ("grouped", 15), ("llama", 15),
    ]
    let known = try #require(expected.first { (name + "-").hasPrefix($0.0 + "-") })
    #expect(count == (name.hasSuffix("shared") ? 1 : known.1))
  }

  struct Geometry: Sendable, CustomTestStringConvertible {
    var inputs = [4, 7, 9]
    var outputs = 6
    var kernel = [3, 3]
    var strides = [1, 1]
    var pads = [0, 0, 0, 0]
    var dilations = [1, 1]
    var group = 1

    var testDescription: String {
      "\(inputs) to \(outputs), \(kernel), \(strides), \(pads), \(dilations), \(group)"
    }
  }

  static let geometries = [
    Geometry(), Geometry(strides: [2, 3]), Geometry(pads: [1, 2, 1, 2]),
    Geometry(pads: [0, 1, 2, 0]), Geometry(dilations: [2, 3]), Geometry(kernel: [1, 4]),
    Geometry(group: 2), Geometry(inputs: [6, 7, 9], outputs: 6, group: 6),
    Geometry(inputs: [3, 7, 9], outputs: 6, strides: [2, 1], pads: [1, 0, 0, 2], group: 3),
    Geometry(outputs: 1, kernel: [1, 1]),
    Geometry(inputs: [4, 8], kernel: [3], strides: [1], pads: [1, 1], dilations: [1]),
    Geometry(
      inputs: [4, 9], kernel: [2], strides: [2], pads: [0, 3], dilations: [3], group: 2),
  ]

  @Test(arguments: geometries)
  func `a convolution of any geometry is a product`(geometry: Geometry) throws {
    let channels = geometry.inputs[0]
    let initializers = try weights([
      "w": [geometry.outputs, channels / geometry.group] + geometry.kernel,
      "b": [geometry.outputs],
    ])
    let graph = ModelGraph.small(
      [
        node(
          "Conv", "x w b -> y",
          [
            "strides": .ints(geometry.strides), "pads": .ints(geometry.pads),
            "dilations": .ints(geometry.dilations), "group": .int(geometry.group),
          ])
      ], initializers, x: [nil] + geometry.inputs)
    let x = try Tensor.normal([3] + geometry.inputs, seed: 9)
    #expect(try expectProducts(graph, ["x": x]) == 1)
  }

  @Test func `a product of three axes and the addition after it are one layer`() throws {
    let graph = ModelGraph.small(
      [node("MatMul", "x w -> p"), node("Add", "b p -> y")],
      try weights(["w": [4, 6], "b": [6]]), x: [nil, 5, 4])
    #expect(try expectProducts(graph, ["x": Tensor.normal([2, 5, 4], seed: 3)]) == 1)
    #expect(graph.linearLayers[0].bias == "b" && graph.linearLayers[0].output == "y")
  }

  @Test func `both orientations of Gemm are layers, and factors are not`() throws {
    let x = try Tensor.normal([2, 4], seed: 3)
    let plain = ModelGraph.small(
      [node("Gemm", "x w b -> y")], try weights(["w": [4, 6], "b": [6]]), x: [nil, 4])
    #expect(try expectProducts(plain, ["x": x]) == 1)
    var factor = plain
    factor.nodes[0].attributes["alpha"] = .float(0.5)
    #expect(factor.linearLayers.isEmpty)
    var same = plain
    same.nodes[0].attributes = ["alpha": .float(1), "beta": .float(1), "transB": .int(0)]
    #expect(try expectProducts(same, ["x": x]) == 1)
  }

  @Test func `layers whose weight is read elsewhere or whose sum is another's are left alone`()
    throws
  {
    let shared = ModelGraph.small(
      [node("MatMul", "x w -> a"), node("MatMul", "a w -> y")], try weights(["w": [4, 4]]),
      x: [nil, 4])
    #expect(shared.linearLayers.isEmpty)
    // The product is read twice, so the addition is not the layer's bias.
    let branching = ModelGraph.small(
      [node("MatMul", "x w -> p"), node("Add", "p b -> s"), node("Mul", "s p -> y")],
      try weights(["w": [4, 4], "b": [4]]), x: [nil, 4])
    #expect(branching.linearLayers.map(\.output) == ["p"])
    #expect(branching.linearLayers.map(\.bias) == [nil])
    // One column, widened by what is added to it.
    let widened = ModelGraph.small(
      [node("MatMul", "x w -> p"), node("Add", "p b -> y")], try weights(["w": [4, 1], "b": [3]]),
      x: [nil, 4])
    #expect(widened.linearLayers.map(\.output) == ["p"])
  }

  @Test func `sampled rows are the same for the same seed and lie in their inputs`() {
    let first = SampledRows(total: 600, inputCount: 6, seed: 4).rows
    #expect(first == SampledRows(total: 600, inputCount: 6, seed: 4).rows)
    #expect(first != SampledRows(total: 600, inputCount: 6, seed: 5).rows)
    #expect(first.map { $0 / 100 } == (0..<6).flatMap { Array(repeating: $0, count: 4) })
    #expect(Set(first).count == 24)
    #expect(SampledRows(total: 12, inputCount: 6, seed: 4).rows == Array(0..<12))
  }
}
