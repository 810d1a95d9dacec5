import Models
import Symmetry
import Tensors
import Testing

@Suite struct SymmetryTests {
  @Test(arguments: Fixture.names)
  func `every group of every fixture is proved`(name: String) throws {
    let fixture = try Fixture(name)
    let (groups, check) = try symmetry(of: fixture.graph, fixture.inputs)
    #expect(check.proved == Set(groups.groups.map(\.id)))
    #expect(check.maximumRelativeDifference < 1e-9)
    #expect(check.idleAxes.isEmpty)
    if name != "typed-helper-11" { #expect(!groups.groups.isEmpty) }
  }

  /// Sizes follow from the architectures in `make-fixtures.py`.
  @Test(arguments: [
    // Two hidden layers.
    ("mlp", [24, 16]),
    // Two convolutions and a hidden layer; normalisation adds no group.
    ("cnn", [6, 12, 20]), ("cnnbn", [6, 12, 20]), ("cnn1d", [8, 12]),
    // The stem and the first block's output meet in a sum, as do the second block's output and its
    // shortcut; the first convolution of each block is free.
    ("resnet", [8, 8, 16, 16]),
    // The stream of 8 feeds a convolution of 4 groups of 2, whose 16 outputs are 4 groups of 4; the
    // depthwise convolution ties the 24 channels on both of its sides.
    ("mobile", [4, 2, 24, 4]),
    // Concatenations keep the parts' groups.
    ("dense", [6, 4, 4]),
    // A layer: 4 heads, 8 features in each head, 64 units. The stream starts from the input, which
    // fixes it.
    ("transformer", [4, 8, 64, 4, 8, 64]),
    // The stream of 32 starts from an embedding and ends in a linear layer.
    ("tokens", [32, 4, 8, 64, 4, 8, 64]),
    // Queries and keys share features inside the heads, values and outputs others; the pooler's units
    // come last.
    ("bert", [24, 3, 8, 8, 40, 3, 8, 8, 40, 24]),
    // Stacked queries, keys and values are one grid, which has one order inside the heads.
    ("vit-stacked", [24, 3, 8, 40, 3, 8, 40]),
    ("einsum", [24, 3, 8, 8, 40, 3, 8, 8, 40]), ("gpt-tied", [24, 3, 8, 8, 40, 3, 8, 8, 40]),
    // The distances' table has the heads' order.
    ("relative", [24, 3, 8, 8, 40, 3, 8, 8, 40]),
    ("geglu-fused", [24, 3, 8, 8, 40, 3, 8, 8, 40]),
    // Two groups of two queries each.
    ("grouped", [24, 2, 2, 6, 6, 40, 2, 2, 6, 6, 40]),
    // Rotations fix the features of queries and keys; those of values are free.
    ("llama", [24, 2, 2, 6, 40, 2, 2, 6, 40]),
    ("functions", [6]), ("typed", []),
  ])
  func `the groups are those of the architecture`(prefix: String, sizes: [Int]) throws {
    // Equal layers that are stored once are permuted as one.
    let names = Fixture.names(startingWith: prefix).filter { !$0.hasSuffix("shared") }
    #expect(!names.isEmpty)
    for name in names {
      let fixture = try Fixture(name)
      let groups = try symmetry(of: fixture.graph, fixture.inputs).groups
      #expect(groups.groups.map(\.size) == sizes, "\(name)")
    }
  }

  @Test func `a flattened convolution repeats its channels over the positions`() throws {
    let fixture = try Fixture("cnn-legacy-11-static")
    let groups = try symmetry(of: fixture.graph, fixture.inputs).groups
    #expect(
      groups.structures["fc1.weight"]
        == [.group(GroupID(2), size: 20), .product([.group(GroupID(1), size: 12), .fixed(49)])])
    #expect(groups.structures["fc2.bias"] == [.fixed(10)])
    #expect(groups.fixedAxes.keys.contains(ParameterAxis(parameter: "fc2.bias", axis: 0)))
  }

  @Test func `a residual stream is one group across its layers`() throws {
    let fixture = try Fixture("resnet-a-legacy-13")
    let groups = try symmetry(of: fixture.graph, fixture.inputs).groups
    let axes = try #require(groups.groups.first).axes
    let stream = Set(axes.filter { $0.parameter.contains("conv") })
    #expect(
      stream == [
        ParameterAxis(parameter: "conv1.weight", axis: 0),
        ParameterAxis(parameter: "layer1.conv1.weight", axis: 1),
        ParameterAxis(parameter: "layer1.conv2.weight", axis: 0),
        ParameterAxis(parameter: "layer2.conv1.weight", axis: 1),
      ])
  }

  @Test func `permuting a model's own weights leaves its outputs as they were`() throws {
    for name in ["mobile-legacy-13-kept", "tokens-legacy-17", "dense-legacy-17-kept"] {
      let fixture = try Fixture(name)
      let groups = try symmetry(of: fixture.graph, fixture.inputs).groups
      var generator = SeededGenerator(seed: 3)
      let permutations = Dictionary(
        uniqueKeysWithValues: groups.groups.map {
          ($0.id, Permutation.random($0.size, using: &generator))
        })
      let permuted = try fixture.graph.parameters.reduce(into: [String: Tensor]()) {
        $0[$1.key] = try groups.permuted($1.value, named: $1.key, by: permutations)
      }
      let found = try output(of: fixture.graph, fixture.inputs, parameters: permuted)
      let expected = try #require(fixture.outputs.values.first)
      #expect(try relativeDifference(found, expected) < 1e-5, "\(name)")
    }
  }
}
