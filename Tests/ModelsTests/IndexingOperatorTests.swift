import Models
import Symmetry
import Tensors
import Testing

/// Known answers are the examples of ONNX's own descriptions (Operators.md, ONNX 1.21).
@Suite struct IndexingOperatorTests {
  private func result(
    _ operation: ModelGraph.Node, _ x: Tensor, _ initializers: [String: Tensor] = [:]
  ) throws -> Tensor {
    let graph = ModelGraph.small([operation], initializers, x: x.shape.map { _ in nil })
    return try output(of: graph, ["x": x])
  }

  @Test func `elements are written where the positions say`() throws {
    let positions = try Tensor([4, 3, 1, 7] as [Int64], shape: [4, 1])
    let updates = try Tensor([9, 10, 11, 12] as [Float], shape: [4])
    let values = ["i": positions, "u": updates]
    let x = try counting([8])
    #expect(
      try result(node("ScatterND", "x i u -> y"), x, values).elements()
        == [1, 11, 3, 10, 9, 6, 7, 12] as [Float])
    #expect(
      try result(node("ScatterND", "x i u -> y", ["reduction": .string("add")]), x, values)
        .elements() == [1, 13, 3, 14, 14, 6, 7, 20] as [Float])
    #expect(throws: ModelError.self) {
      try result(node("ScatterND", "x i u -> y", ["reduction": .string("mul")]), x, values)
    }
  }

  @Test func `elements are looked up by whole and by single positions`() throws {
    let x = try Tensor([0, 1, 2, 3] as [Float], shape: [2, 2])
    let pairs = try Tensor([0, 0, 1, 1] as [Int64], shape: [2, 2])
    #expect(
      try result(node("GatherND", "x i -> y"), x, ["i": pairs]).elements() == [0, 3] as [Float])
    let rows = try Tensor([1, 0] as [Int64], shape: [2, 1])
    #expect(
      try result(node("GatherND", "x i -> y"), x, ["i": rows]).elements() == [2, 3, 0, 1] as [Float]
    )
    let single = try Tensor([0, 0, 1, -2] as [Int64], shape: [2, 2])
    let table = try counting([2, 2])
    #expect(
      try result(node("GatherElements", "x i -> y", ["axis": .int(1)]), table, ["i": single])
        .elements() == [1, 1, 4, 3] as [Float])
    #expect(throws: ModelError.self) {
      try result(node("GatherND", "x i -> y", ["batch_dims": .int(1)]), x, ["i": pairs])
    }
  }

  @Test func `sums run along an axis, from either end, with or without the last`() throws {
    let axis = ["a": try integers(0)]
    let x = try counting([5])
    for (attributes, expected) in [
      ([:], [1, 3, 6, 10, 15] as [Float]), (["exclusive": .int(1)], [0, 1, 3, 6, 10]),
      (["reverse": .int(1)], [15, 14, 12, 9, 5]),
      (["reverse": .int(1), "exclusive": .int(1)], [14, 12, 9, 5, 0]),
    ] as [([String: ModelGraph.Attribute], [Float])] {
      #expect(try result(node("CumSum", "x a -> y", attributes), x, axis).elements() == expected)
    }
  }

  @Test func `tiles repeat an axis, within bounds`() throws {
    let x = try counting([1, 2])
    #expect(
      try result(node("Tile", "x r -> y"), x, ["r": integers(2, 2)]).elements()
        == [1, 2, 1, 2, 1, 2, 1, 2] as [Float])
    for repeats in [try integers(2), try integers(1 << 20, 1 << 20), try integers(-1, 1)] {
      #expect(throws: ModelError.self) { try result(node("Tile", "x r -> y"), x, ["r": repeats]) }
    }
  }

  @Test func `padding takes what is on the border`() throws {
    let x = try counting([1, 4])
    let pads = ["p": try integers(0, 2, 0, 3)]
    for (mode, expected) in [
      ("reflect", [3, 2, 1, 2, 3, 4, 3, 2, 1] as [Float]), ("edge", [1, 1, 1, 2, 3, 4, 4, 4, 4]),
      ("wrap", [3, 4, 1, 2, 3, 4, 1, 2, 3]),
    ] {
      #expect(
        try result(node("Pad", "x p -> y", ["mode": .string(mode)]), x, pads).elements() == expected
      )
    }
    #expect(throws: ModelError.self) {
      try result(node("Pad", "x p -> y", ["mode": .string("mirror")]), x, pads)
    }
  }

  @Test func `units that are tiled, summed up or written to keep what symmetry they have`() throws {
    var initializers = try weights(["a": [6, 4], "b": [3, 12], "u": [2, 6]])
    initializers["r"] = try integers(1, 2)
    let tiled = ModelGraph.small(
      [
        node("Gemm", "x a -> h", ["transB": .int(1)]), node("Tile", "h r -> t"),
        node("Gemm", "t b -> y", ["transB": .int(1)]),
      ], initializers, x: [nil, 4])
    let (groups, check) = try symmetry(of: tiled)
    #expect(groups.groups.map(\.size) == [6])
    #expect(check.proved.count == 1)
    // What is added up in order keeps its order.
    initializers["axis"] = try integers(1)
    initializers["c"] = try Tensor.normal([3, 6], seed: 9)
    let summed = ModelGraph.small(
      [
        node("Gemm", "x a -> h", ["transB": .int(1)]), node("CumSum", "h axis -> t"),
        node("Gemm", "t c -> y", ["transB": .int(1)]),
      ], initializers, x: [nil, 4])
    #expect(try symmetry(of: summed).groups.groups.isEmpty)
  }

  /// A layer of 4 + 4 units, the biases of the last 4 written over by zeros; what follows sees the units
  /// as 2 x 4 where `isGrid`.
  private func overwritten(isGrid: Bool) throws -> ModelGraph {
    var values = try weights(["w": [3, 8], "b": [8], "v": [isGrid ? 4 : 8, 2]])
    values["i"] = try integers(4, 5, 6, 7).reshaped([4, 1])
    values["s"] = try integers(-1, 2, 4)
    values["n"] = try integers(4)
    return ModelGraph.small(
      [
        node("ConstantOfShape", "n -> u"), node("ScatterND", "b i u -> c"),
        node("MatMul", "x w -> h"), node("Add", "h c -> g"), node("Tanh", "g -> t"),
      ]
        + (isGrid
          ? [node("Reshape", "t s -> r"), node("MatMul", "r v -> y")]
          : [node("MatMul", "t v -> y")]),
      values, x: [nil, 3])
  }

  @Test func `a run of positions that is written over divides its axis`() throws {
    let (groups, check) = try symmetry(of: overwritten(isGrid: false))
    #expect(groups.groups.map(\.size) == [4, 4])
    #expect(check.proved.count == 2)
    #expect(groups.structures["b"] == [.sum([.group(GroupID(0), size: 4), .fixed(4)])])
  }

  @Test func `parts that are read as rows are permuted alike`() throws {
    let graph = try overwritten(isGrid: true)
    let (groups, check) = try symmetry(of: graph)
    #expect(groups.groups.map(\.size) == [4])
    #expect(check.proved.count == 1)
  }
}
