import Foundation
import Models
import Tensors
import Testing

/// What is stated with an architecture although its place is a parameter's. Everything that training may
/// have touched must be a parameter.
@Suite struct ArchitectureConstantTests {
  private func constants(_ nodes: [ModelGraph.Node], _ values: [String: Tensor]) throws -> Set<
    String
  > {
    let graph = try ModelGraph.small(nodes, values, x: [nil, 4]).findingConstants()
    let floats = Set(values.filter { $0.value.elementType.isFloatingPoint }.keys)
    let read = Set(nodes.flatMap(\.inputs))
    #expect(Set(graph.parameterNames) == floats.intersection(read).subtracting(graph.constantNames))
    return graph.constantNames
  }

  private let masked = [node("Add", "x m -> s"), node("Softmax", "s -> y")]

  private func mask(_ values: [Float]) throws -> [String: Tensor] {
    ["m": try Tensor(values, shape: [values.count])]
  }

  @Test(
    arguments: [
      -.infinity, -100, -10_000, -1e9, -65_504, -.greatestFiniteMagnitude, -3.3895314e38,
    ] as [Float])
  func `a mask of one fill that meets scores before a softmax is a constant`(fill: Float) throws {
    #expect(try constants(masked, mask([0, fill, 0, fill])) == ["m"])
    #expect(try constants(masked, mask([fill, fill, fill, fill])) == ["m"])
  }

  @Test func `a mask may be moved, chosen and added to another on its way`() throws {
    let nodes = [
      node("Unsqueeze", "m a -> u"), node("Where", "c u x -> s"), node("Add", "s b -> t"),
      node("Reshape", "t r -> k"), node("Softmax", "k -> y"),
    ]
    var values = try mask([0, -.infinity, 0, 0])
    values["a"] = try integers(0)
    values["c"] = try Tensor.full([4], 1).cast(to: .bool)
    values["b"] = try counting([4])
    values["r"] = try integers(-1, 4)
    #expect(try constants(nodes, values) == ["m"])
  }

  @Test(
    arguments: [
      // A learnt bias in the mask, a fill that training could end at, two fills, no fill.
      [0, -.infinity, 0.3, 0], [0, -123.4, 0, 0], [0, -99, 0, 0], [0, -100, -10_000, 0],
      [0, 0, 0, 0], [0, .infinity, 0, 0], [0, .nan, 0, 0], [1, 1, 0, 1],
    ] as [[Float]])
  func `what else is added to scores is a parameter`(values: [Float]) throws {
    #expect(try constants(masked, mask(values)) == [])
  }

  @Test(arguments: [
    // A bias of infinite weights, a table, products, a scale, a softmax of weights, an output.
    [node("Add", "x m -> y")], [node("Add", "x m -> s"), node("Relu", "s -> y")],
    [node("Gather", "m x -> s"), node("Softmax", "s -> y")],
    [node("MatMul", "x m -> s"), node("Softmax", "s -> y")],
    [node("Einsum", "x m -> s", ["equation": .string("ab,b->ab")]), node("Softmax", "s -> y")],
    [node("Gemm", "x w m -> s"), node("Softmax", "s -> y")],
    [node("Mul", "x m -> s"), node("Softmax", "s -> y")], [node("Softmax", "m -> y")],
    [node("Add", "x m -> s"), node("Softmax", "s -> p"), node("MatMul", "s p -> y")],
    [node("Add", "x m -> s"), node("Softmax", "s -> p"), node("Mul", "p m -> y")],
    [node("Add", "x m -> y"), node("Softmax", "y -> p")],
    [node("LayerNormalization", "x m -> s"), node("Softmax", "s -> y")],
  ])
  func `a tensor that looks like a mask and goes another way is a parameter`(
    nodes: [ModelGraph.Node]
  ) throws {
    #expect(try constants(nodes, mask([0, -.infinity, 0, 0])) == [])
  }

  /// A number written into part of a plane of zeros, from which a mask is made.
  private func planes(_ region: Tensor) throws -> [String: Tensor] {
    [
      "n": try integers(4), "i": try integers(0, 1).reshaped([2, 1]), "r": region,
      "w": try Tensor.normal([4], seed: 1),
    ]
  }

  @Test func `numbers of a mask's regions are constants where constants alone are written over`()
    throws
  {
    let zeros = node("ConstantOfShape", "n -> z")
    let marked = [zeros, node("ScatterND", "z i r -> m"), node("Add", "x m -> y")]
    let three = try Tensor([3, 3] as [Float], shape: [2])
    #expect(try constants(marked, planes(three)) == ["r"])
    // Not whole, not the same, too large, negative.
    for values in [[0.5, 0.5], [3, 4], [256, 256], [-1, -1]] as [[Float]] {
      #expect(try constants(marked, planes(Tensor(values, shape: [2]))) == [])
    }
    for nodes in [
      [node("ScatterND", "x i r -> y")],
      [node("ScatterND", "w i r -> m"), node("Add", "x m -> y")],
      marked + [node("Add", "x r -> k")], [zeros, node("ScatterND", "r i z -> y")],
      [node("Add", "x r -> y")],
    ] {
      #expect(try constants(nodes, planes(three)).isEmpty, "\(nodes.map(\.operation))")
    }
  }

  /// A rotary embedding's tables of 3 positions and 4 features; `stretch` 1 is the published one.
  private func tables(
    base: Double = 10_000, neighbours: Bool = false, stretch: Double = 1
  ) throws -> [String: Tensor] {
    let angles = (0..<12).map { index -> Double in
      let (position, column) = (index / 4, index % 4)
      let pair = neighbours ? column / 2 : column % 2
      return Double(position) * stretch * pow(base, -Double(pair) / 2)
    }
    return [
      "a": try Tensor(angles.map { Float(cos($0)) }, shape: [3, 4]),
      "b": try Tensor(angles.map { Float(sin($0)) }, shape: [3, 4]),
    ]
  }

  private let turning = [
    node("Mul", "x a -> h"), node("Mul", "x b -> k"), node("Add", "h k -> y"),
  ]

  @Test(arguments: [10_000, 500_000, 1_000_000] as [Double], [false, true])
  func `cosines and sines of a published base are constants`(base: Double, neighbours: Bool) throws
  {
    #expect(try constants(turning, tables(base: base, neighbours: neighbours)) == ["a", "b"])
    let half = try tables(base: base).mapValues { try $0.cast(to: .float16) }
    #expect(try constants(turning, half) == ["a", "b"])
  }

  @Test func `cosines and sines of angles that were trained are parameters`() throws {
    #expect(try constants(turning, tables(base: 9_987)) == [])
    #expect(try constants(turning, tables(stretch: 1.001)) == [])
    // Rows of a rotation, yet of no published one.
    let learnt = (0..<12).map { Float($0) * 0.4 }
    let values = [
      "a": try Tensor(learnt.map { cosf($0) }, shape: [3, 4]),
      "b": try Tensor(learnt.map { sinf($0) }, shape: [3, 4]),
    ]
    #expect(try constants(turning, values) == [])
    // One element that is another's.
    var one = try tables()
    var elements: [Float] = try #require(one["a"]).elements()
    elements[7] += 1e-3
    one["a"] = try Tensor(elements, shape: [3, 4])
    #expect(try constants(turning, one) == ["b"])
    let added = [node("Add", "x a -> h"), node("Mul", "h b -> y")]
    #expect(try constants(added, tables()) == ["b"])
  }

  @Test func `frequencies of a published base are constants on their way to angles alone`() throws {
    let turned = [
      node("Mul", "x f -> h"), node("Concat", "h h -> k", ["axis": .int(1)]), node("Cos", "k -> y"),
    ]
    let published = ["f": try Tensor([1, 0.1, 0.01, 0.001] as [Float], shape: [4])]
    #expect(try constants(turned, published) == ["f"])
    let also = turned.dropLast() + [node("Cos", "k -> c"), node("Add", "c k -> y")]
    #expect(try constants(Array(also), published) == [])
    // Fourier features with frequencies of their own, as some networks learn them.
    #expect(try constants(turned, weights(["f": [4]])) == [])
    let stretched = ["f": try Tensor([1, 0.1, 0.01, 0.0011] as [Float], shape: [4])]
    #expect(try constants(turned, stretched) == [])
    let learnt = [node("MatMul", "x f -> h"), node("Sin", "h -> y")]
    #expect(try constants(learnt, weights(["f": [4, 6]])) == [])
  }

  @Test func `ports that differ in the names of their free sizes are equal`() {
    let port = ModelGraph.Port(name: "x", type: .float32, shape: [nil, 4], symbols: [0: "batch"])
    var other = port
    other.symbols = [0: "n"]
    #expect(port == other)
    other.shape = [nil, 5]
    #expect(port != other)
  }
}
