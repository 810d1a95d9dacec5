import Models
import Symmetry
import Tensors
import Testing

/// Biases that a softmax takes off again keep their place; all others are permuted with their units.
@Suite struct SoftmaxInvarianceTests {
  /// Attention of three positions over themselves, by weights of their own and biases on queries, keys
  /// and values.
  private func attention(
    softmax axis: Int = -1, operatorSet: Int = 17, _ further: [ModelGraph.Node] = []
  ) throws -> ModelGraph {
    let initializers = try weights([
      "e": [4, 5], "q": [5, 6], "k": [5, 6], "v": [5, 2], "qb": [6], "kb": [6], "vb": [2], "m": [3],
    ])
    return ModelGraph.small(
      [
        node("MatMul", "x e -> s"), node("MatMul", "s q -> a"), node("Add", "a qb -> aq"),
        node("MatMul", "s k -> b"), node("Add", "kb b -> c"),
        node("Transpose", "c -> t", ["perm": .ints([0, 2, 1])]), node("MatMul", "aq t -> n"),
        node("Add", "n m -> l"), node("Softmax", "l -> p", ["axis": .int(axis)]),
        node("MatMul", "s v -> w"), node("Add", "w vb -> wv"), node("MatMul", "p wv -> z"),
      ] + (further.isEmpty ? [node("Identity", "z -> y")] : further),
      initializers, x: [nil, 3, 4], operatorSet: operatorSet)
  }

  private func keepsPlace(_ graph: ModelGraph, _ bias: String = "kb") throws -> Bool {
    let groups = try PermutationGroups(ForwardPass(graph), inputs: graph.sampleInputs(seed: 1))
    let isFixed = groups.structures[bias] == [.fixed(6)]
    let isGrouped = groups.groups.contains {
      $0.axes.contains(ParameterAxis(parameter: bias, axis: 0))
    }
    #expect(isFixed != isGrouped)
    return isFixed
  }

  @Test func `the bias of keys keeps its place, those of queries and values do not`() throws {
    let graph = try attention()
    let (groups, check) = try symmetry(of: graph)
    #expect(groups.groups.map(\.size) == [5, 6])
    #expect(check.proved.count == 2 && check.idleAxes.isEmpty)
    #expect(try keepsPlace(graph))
    #expect(try !keepsPlace(graph, "qb"))
    #expect(
      groups.fixedAxes[ParameterAxis(parameter: "kb", axis: 0)]
        == ["is taken off again by the softmax that follows"])
    // In fact it changes nothing.
    let inputs = try graph.sampleInputs(seed: 2)
    let found = try output(of: graph, inputs, parameters: weights(["kb": [6]], seed: 9))
    #expect(try relativeDifference(found, output(of: graph, inputs)) < 1e-6)
  }

  @Test func `a softmax along another axis takes off the bias of queries`() throws {
    let graph = try attention(softmax: 1)
    #expect(try !keepsPlace(graph))
    #expect(try keepsPlace(graph, "qb"))
    let (groups, check) = try symmetry(of: graph)
    #expect(check.proved.count == groups.groups.count)
    // Over the queries and keys at once, as older operator sets take it.
    #expect(try !keepsPlace(attention(softmax: 1, operatorSet: 12)))
    #expect(try keepsPlace(attention(softmax: 2, operatorSet: 12)))
  }

  @Test(arguments: [
    // Keys, scores or what is made of the bias read elsewhere; the bias itself, too.
    [node("ReduceMean", "c -> r"), node("Add", "z r -> y")],
    [node("MatMul", "l z -> y")], [node("MatMul", "t z -> r"), node("ReduceMax", "r -> y")],
    [node("ReduceMax", "kb -> r"), node("Add", "z r -> y")],
    [node("Softmax", "c -> r"), node("ReduceMax", "r -> o"), node("Add", "z o -> y")],
  ])
  func `a bias that has an effect by another way is permuted`(further: [ModelGraph.Node]) throws {
    #expect(try !keepsPlace(attention(further)))
  }

  @Test func `scores are not linear in a bias that both factors have`() throws {
    var graph = try attention()
    graph.nodes[6].inputs[0] = "c"
    #expect(try !keepsPlace(graph))
    graph = try attention()
    graph.nodes[7] = node("Mul", "n m -> l")
    #expect(try !keepsPlace(graph))
    graph.nodes[7] = node("Relu", "n -> l")
    #expect(try !keepsPlace(graph))
  }

  @Test func `an idle axis speaks against its group, whatever it belongs to`() throws {
    // The units are dead: their axes are idle, and nothing says that they would be under other weights.
    let graph = ModelGraph.small(
      [
        node("Gemm", "x a b -> h", ["transB": .int(1)]), node("Abs", "h -> g"),
        node("Neg", "g -> n"), node("Relu", "n -> r"),
        node("Gemm", "r c -> z", ["transB": .int(1)]),
        node("Gemm", "x d -> w", ["transB": .int(1)]), node("Add", "z w -> y"),
      ], try weights(["a": [6, 4], "b": [6], "c": [3, 6], "d": [3, 4]]), x: [nil, 4])
    let (groups, check) = try symmetry(of: graph)
    #expect(groups.groups.map(\.size) == [6])
    #expect(check.proved.isEmpty)
    #expect(check.idleAxes.count == 3)
  }

  @Test func `many wide layers summed before a sigmoid do not hide behind it`() throws {
    var nodes: [ModelGraph.Node] = []
    var shapes: [String: [Int]] = [:]
    var last = "x"
    for layer in 0..<40 {
      nodes += [
        node("Gemm", "\(last) w\(layer) -> h\(layer)"), node("Relu", "h\(layer) -> r\(layer)"),
      ]
      shapes["w\(layer)"] = [layer == 0 ? 4 : 32, 32]
      last = "r\(layer)"
    }
    nodes += [
      node("Mul", "\(last) \(last) -> s"), node("MatMul", "s o -> z"), node("Sigmoid", "z -> y"),
    ]
    shapes["o"] = [32, 3]
    let (groups, check) = try symmetry(of: .small(nodes, try weights(shapes), x: [nil, 4]))
    #expect(groups.groups.count == 40)
    #expect(check.proved.count == 40)
  }
}
