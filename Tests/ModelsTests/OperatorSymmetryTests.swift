import Models
import Symmetry
import Tensors
import Testing

/// Groups of small graphs with operators that no fixture has, each proved by trial.
@Suite struct OperatorSymmetryTests {
  /// The sizes of a graph's groups, all of which must be proved.
  private func provedSizes(_ graph: ModelGraph) throws -> [Int] {
    let (groups, check) = try symmetry(of: graph)
    #expect(check.proved.count == groups.groups.count)
    #expect(check.idleAxes.isEmpty)
    #expect(check.maximumRelativeDifference < 1e-9)
    return groups.groups.map(\.size)
  }

  private func dense(_ values: String) -> ModelGraph.Node {
    node("Gemm", values, ["transB": .int(1)])
  }

  @Test func `slopes go with their units`() throws {
    let graph = ModelGraph.small(
      [
        dense("x a -> h"), node("LeakyRelu", "h -> r"), dense("r b -> k"),
        node("PRelu", "k s -> q"), dense("q c -> y"),
      ], try weights(["a": [6, 4], "b": [5, 6], "s": [5], "c": [3, 5]]), x: [nil, 4])
    #expect(try provedSizes(graph) == [6, 5])
    #expect(
      try symmetry(of: graph).groups.groups[1].axes.contains(
        ParameterAxis(parameter: "s", axis: 0)))
  }

  @Test func `padded channels keep their place among those that do not`() throws {
    var initializers = try weights(["a": [4, 1, 3, 3], "b": [3, 7, 3, 3]])
    initializers["pads"] = try integers(0, 1, 0, 0, 0, 2, 0, 0)
    initializers["value"] = Tensor(Float(0.5))
    let graph = ModelGraph.small(
      [
        node("Conv", "x a -> h"), node("Pad", "h pads value -> p"), node("Conv", "p b -> y"),
      ], initializers, x: [nil, 1, 6, 6])
    #expect(try provedSizes(graph) == [4])
    #expect(
      try symmetry(of: graph).groups.structures["b"]?[1]
        == .sum([.fixed(1), .group(GroupID(0), size: 4), .fixed(2)]))
  }

  @Test func `cropped channels keep their place`() throws {
    var initializers = try weights(["a": [4, 1, 3], "b": [3, 3, 3]])
    initializers["pads"] = try integers(0, -1, 0, 0, 0, 0)
    let graph = ModelGraph.small(
      [node("Conv", "x a -> h"), node("Pad", "h pads -> p"), node("Conv", "p b -> y")],
      initializers, x: [nil, 1, 8])
    #expect(try provedSizes(graph) == [])
  }

  @Test func `parts of a split are groups of their own until they meet`() throws {
    let split = node("Split", "h sizes -> p q", ["axis": .int(1)])
    var initializers = try weights(["a": [10, 4], "b": [3, 6], "c": [3, 4]])
    initializers["sizes"] = try integers(6, 4)
    let apart = ModelGraph.small(
      [
        dense("x a -> h"), split, node("Tanh", "p -> t"), dense("t b -> u"), dense("q c -> v"),
        node("Add", "u v -> y"),
      ], initializers, x: [nil, 4])
    #expect(try provedSizes(apart) == [6, 4])

    initializers = try weights(["a": [10, 4], "b": [3, 5]])
    initializers["sizes"] = try integers(5, 5)
    let gated = ModelGraph.small(
      [
        dense("x a -> h"), split, node("Sigmoid", "p -> t"), node("Mul", "t q -> g"),
        dense("g b -> y"),
      ], initializers, x: [nil, 4])
    #expect(try provedSizes(gated) == [5])
    let group = AxisStructure.group(GroupID(0), size: 5)
    #expect(try symmetry(of: gated).groups.structures["a"]?[0] == .sum([group, group]))
  }

  @Test func `slices of channels are groups of their own`() throws {
    var initializers = try weights(["a": [6, 2, 3], "b": [3, 6, 3]])
    for (name, value) in [("0", 0), ("2", 2), ("6", 6), ("1", 1)] {
      initializers[name] = try integers(value)
    }
    let graph = ModelGraph.small(
      [
        node("Conv", "x a -> h"), node("Slice", "h 0 2 1 -> p"), node("Slice", "h 2 6 1 -> q"),
        node("Concat", "q p -> c", ["axis": .int(1)]), node("Conv", "c b -> y"),
      ], initializers, x: [nil, 2, 8])
    #expect(try provedSizes(graph) == [2, 4])
    let (small, large) = (
      AxisStructure.group(GroupID(0), size: 2), AxisStructure.group(GroupID(1), size: 4)
    )
    let structures = try symmetry(of: graph).groups.structures
    #expect(structures["a"]?[0] == .sum([small, large]))
    #expect(structures["b"]?[1] == .sum([large, small]))
  }

  @Test func `channels sliced with a step keep their place`() throws {
    var initializers = try weights(["a": [6, 2, 3], "b": [3, 3, 3]])
    for value in [0, 1, 2, 6] { initializers["\(value)"] = try integers(value) }
    let graph = ModelGraph.small(
      [
        node("Conv", "x a -> h"), node("Slice", "h 0 6 1 2 -> p"), node("Conv", "p b -> y"),
      ], initializers, x: [nil, 2, 8])
    #expect(try provedSizes(graph) == [])
  }

  @Test func `labels of an equation are axes`() throws {
    let initializers = try weights(["a": [6, 4], "b": [6, 3, 5], "c": [2, 3, 5]])
    let graph = ModelGraph.small(
      [
        node("Einsum", "x a -> h", ["equation": .string("bi,oi->bo")]), node("Relu", "h -> r"),
        node("Einsum", "r b -> k", ["equation": .string("bo, oqr -> rbq")]),
        node("Relu", "k -> s"),
        node("Einsum", "s c -> y", ["equation": .string("rbq,tqr->bt")]),
      ], initializers, x: [nil, 4])
    #expect(try provedSizes(graph) == [6, 3, 5])
    for equation in ["bi,oi", "b...,o->bo"] {
      var other = graph
      other.nodes[0].attributes["equation"] = .string(equation)
      #expect(throws: ModelError.self) { try symmetry(of: other) }
    }
  }

  @Test func `convolutions of two kinds of groups share what they can`() throws {
    // 12 channels, read in 2 groups of 6 and in 4 groups of 3.
    let graph = ModelGraph.small(
      [
        node("Conv", "x a -> h"), node("Relu", "h -> r"),
        node("Conv", "r b -> u", ["group": .int(2)]),
        node("Conv", "r c -> v", ["group": .int(4)]), node("Add", "u v -> y"),
      ], try weights(["a": [12, 2, 3], "b": [4, 6, 3], "c": [4, 3, 3]]), x: [nil, 2, 8])
    // The outputs of both are fixed, and with them the groups: 3 channels are left in each of 4.
    #expect(try provedSizes(graph) == [3])
    let channels = try symmetry(of: graph).groups.structures["a"]?[0]
    #expect(
      channels?.occurrences(of: GroupID(0)) == [[[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]]])
  }

  @Test func `softmax over joined axes, normalisation and maxima treat units alike`() throws {
    let graph = ModelGraph.small(
      [
        dense("x a -> h"), node("LayerNormalization", "h s t -> n"),
        node("Softmax", "n -> m", ["axis": .int(1)]), node("Max", "m h -> k"),
        dense("k b -> y"),
      ], try weights(["a": [6, 4], "s": [6], "t": [6], "b": [3, 6]]), x: [nil, 4],
      operatorSet: 12)
    #expect(try provedSizes(graph) == [6])
  }

  @Test func `units that a constant tells apart keep their place`() throws {
    var initializers = try weights(["a": [6, 4], "b": [3, 6]])
    let add = [dense("x a -> h"), node("Where", "mask h zero -> m"), dense("m b -> y")]
    initializers["zero"] = Tensor(Float(0))
    initializers["mask"] = try Tensor([1, 0, 1, 0, 1, 1] as [Float], shape: [6]).cast(to: .bool)
    #expect(try provedSizes(.small(add, initializers, x: [nil, 4])) == [])
    // One that treats all alike does not.
    initializers["mask"] = try Tensor.full([6], 1).cast(to: .bool)
    #expect(try provedSizes(.small(add, initializers, x: [nil, 4])) == [6])
  }

  @Test func `casts and constants in single precision do not blur the proof`() throws {
    let third = try Tensor([Float(1) / 3], shape: [1])
    let graph = ModelGraph.small(
      [
        dense("x a -> h"), node("Cast", "h -> k", ["to": .int(1)]),
        node("Constant", "-> c", ["value_float": .float(0.1)]), node("Add", "k c -> l"),
        node("Constant", "-> d", ["value": .tensor(third)]), node("CastLike", "l d -> m"),
        node("Shape", "m -> s"), node("ConstantOfShape", "s -> zeros"),
        node("CastLike", "m zeros -> n"), dense("n b -> y"),
      ], try weights(["a": [60, 40], "b": [3, 60]]), x: [nil, 40])
    #expect(try provedSizes(graph) == [60])
  }

  @Test func `units that are looked up by position or cut along a diagonal keep their place`()
    throws
  {
    var initializers = try weights(["a": [6, 4], "b": [3, 6]])
    initializers["order"] = try integers(5, 0, 1, 2, 3, 4)
    let lookup = ModelGraph.small(
      [dense("x a -> h"), node("Gather", "h order -> g", ["axis": .int(1)]), dense("g b -> y")],
      initializers, x: [nil, 4])
    #expect(try provedSizes(lookup) == [])
    let cut = ModelGraph.small(
      [dense("x a -> h"), node("Trilu", "h -> g"), dense("g b -> y")],
      initializers, x: [nil, 4])
    #expect(try provedSizes(cut) == [])
  }
}
