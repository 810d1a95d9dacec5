import Models
import Symmetry
import Tensors
import Testing

/// Networks of the families that `make-families.py` makes: which groups they have.
@Suite struct FamilyTests {
  /// Sizes follow from the architectures. Only what holds outputs alone is not permutable, and the
  /// fixed positions of `resizes`.
  @Test(arguments: [
    // The stem; a block's two inner widths and its output, the second block's inner width in two
    // groups: their order, the members of both sides of the grouped convolution.
    ("bottleneck", [6, 8, 8, 12, 2, 4, 4, 16]),
    ("vgg", [6, 8, 8, 20]),
    // The stream, the block's expanded width, and what its squeeze leaves.
    ("squeeze", [8, 16, 4]),
    ("unet", [4, 8, 4, 6]),
    // Of 2 groups of channels: their order and the members of each, tied where sums meet.
    ("groupnorm", [2, 2, 2, 4, 4, 2, 3]),
    ("instancenorm", [4, 8, 4, 6]),
    // The hidden units of two layers, in both directions alike.
    ("lstm", [6, 6]), ("lstm2", [6, 6]), ("gru", [6, 6]),
    ("gru2", [6, 6]), ("rnn", [6, 6]),
    // Peepholes, states and the way back; the first LSTM and GRU share a state, which ties them.
    ("cells", [6, 6, 6, 6]),
    ("resizes", [4]), ("norms", [4, 2]),
  ])
  func `groups are found and proved in full`(prefix: String, sizes: [Int]) throws {
    let names = Fixture.names(startingWith: prefix)
    #expect(!names.isEmpty)
    for name in names {
      let fixture = try Fixture(name)
      let (groups, check) = try symmetry(of: fixture.graph, fixture.inputs)
      #expect(groups.groups.map(\.size) == sizes, "\(name)")
      #expect(check.proved.count == sizes.count, "\(name)")
      let share =
        Double(groups.permutableCount(in: fixture.graph)) / Double(fixture.graph.parameterCount)
      #expect(share > (prefix == "resizes" ? 0.66 : 0.97), "\(name): \(share)")
    }
  }

  /// A shuffle interleaves two halves, so that what passes a block keeps its place: what the block
  /// works on is free inside of it.
  @Test func `units inside the blocks of a shuffled network are free`() throws {
    for name in Fixture.names(startingWith: "shuffle") {
      let fixture = try Fixture(name)
      let (groups, check) = try symmetry(of: fixture.graph, fixture.inputs)
      #expect(groups.groups.map(\.size) == [4, 4, 4], "\(name)")
      #expect(check.proved.count == 3, "\(name)")
    }
  }

  @Test func `hidden units are permuted alike in every gate and on both sides`() throws {
    let fixture = try Fixture("lstm2-legacy-11")
    let groups = try symmetry(of: fixture.graph, fixture.inputs).groups
    let layer = try #require(fixture.graph.nodes.first { $0.operation == "LSTM" })
    let hidden = AxisStructure.group(GroupID(0), size: 6)
    #expect(
      groups.structures[layer.inputs[1]]
        == [.fixed(2), .product([.fixed(4), hidden]), .fixed(5)])
    #expect(
      groups.structures[layer.inputs[2]] == [.fixed(2), .product([.fixed(4), hidden]), hidden])
    #expect(groups.structures[layer.inputs[3]] == [.fixed(2), .product([.fixed(8), hidden])])
  }

  @Test func `a bias that an instance normalisation takes away ties nothing`() throws {
    let fixture = try Fixture("instancenorm-legacy-17")
    let groups = try symmetry(of: fixture.graph, fixture.inputs).groups
    let axis = ParameterAxis(parameter: "down.0.bias", axis: 0)
    #expect(groups.fixedAxes[axis] == ["is taken away by the normalisation that follows"])
  }

  @Test func `a number for each group of channels goes with the group`() throws {
    var initializers = try weights(["w": [6, 2, 1], "s": [3], "b": [3], "v": [2, 6, 1]])
    let norm = node("GroupNormalization", "h s b -> g", ["num_groups": .int(3)])
    let graph = ModelGraph.small(
      [
        node("Conv", "x w -> h"), norm,
        node("Conv", "g v -> y"),
      ],
      initializers, x: [nil, 2, 4], operatorSet: 18)
    let (groups, check) = try symmetry(of: graph)
    #expect(groups.groups.map(\.size) == [3, 2])
    #expect(check.proved.count == 2)
    // Scales of 0 leave the shift of each group.
    initializers["s"] = try Tensor.zeros([3])
    initializers["b"] = try counting([3])
    initializers["v"] = try Tensor.identity(6).slice(0..<2).reshaped([2, 6, 1])
    var plain = graph
    plain.initializers = initializers
    #expect(
      try output(of: plain, ["x": counting([1, 2, 4])]).elements() == [1, 1, 1, 1, 1, 1, 1, 1]
        as [Float])
  }

  @Test(arguments: [
    "QuantizeLinear", "DequantizeLinear", "QLinearConv", "ConvInteger", "MatMulInteger",
    "DynamicQuantizeLinear", "QLinearAdd", "MatMulNBits",
  ])
  func `a quantised model is refused by name, whatever else it holds`(operation: String) {
    let graph = ModelGraph.small(
      [node("Unheard", "x -> a"), node(operation, "a -> y")], x: [nil, 2])
    let error = #expect(throws: ModelError.quantised(operation: operation, node: "y")) {
      try ForwardPass(graph)
    }
    #expect(error?.description.contains("as it was before quantisation") == true)
  }

  @Test(arguments: [
    node("Resize", "x _ s -> y", ["mode": .string("linear"), "antialias": .int(1)]),
    node("Resize", "x _ s -> y", ["coordinate_transformation_mode": .string("tf_crop_and_resize")]),
    node("Resize", "x -> y"),
    node("LSTM", "x w r _ lengths -> y"),
    node("LSTM", "x w r -> y", ["activations": .strings(["Affine", "Tanh", "Tanh"])]),
    node("GroupNormalization", "x s s -> y", ["num_groups": .int(2)]),
    node("ConvTranspose", "x w -> y", ["pads": .ints([9, 9])]),
  ])
  func `what is not evaluated is refused with the reason`(operation: ModelGraph.Node) throws {
    var initializers = try weights(["w": [1, 8, 5], "r": [1, 8, 2]])
    initializers["s"] = try Tensor([1, 1, 2] as [Float], shape: [3])
    initializers["lengths"] = try integers(2, 1, 2)
    if operation.operation == "ConvTranspose" { initializers["w"] = try counting([3, 1, 2]) }
    let graph = ModelGraph.small([operation], initializers, x: [2, 3, 5])
    let error = #expect(throws: ModelError.self) {
      try output(of: graph, ["x": counting([2, 3, 5])])
    }
    guard case .unsupported(operation.operation, "y", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
