import Models
import Tensors
import Testing

@Suite struct ArchitectureMatchTests {
  /// A copy in which every name but those of graph inputs is another.
  private func renamed(_ graph: ModelGraph) -> ModelGraph {
    var copy = graph
    let inputs = Set(graph.inputs.map(\.name))
    func name(_ old: String) -> String { old.isEmpty || inputs.contains(old) ? old : "r." + old }
    for index in copy.nodes.indices {
      copy.nodes[index].name = "n\(index)"
      copy.nodes[index].inputs = copy.nodes[index].inputs.map(name)
      copy.nodes[index].outputs = copy.nodes[index].outputs.map(name)
    }
    copy.initializers = Dictionary(
      uniqueKeysWithValues: graph.initializers.map { (name($0.key), $0.value) })
    copy.constantNames = Set(graph.constantNames.map(name))
    for index in copy.outputs.indices { copy.outputs[index].name = name(copy.outputs[index].name) }
    return copy
  }

  private func expectDifference(
    _ a: ModelGraph, _ b: ModelGraph, _ words: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: ModelError.self, sourceLocation: sourceLocation) {
      try ArchitectureMatch(a, b)
    }
    guard case .differentArchitecture(let reason) = error else {
      Issue.record("\(String(describing: error))", sourceLocation: sourceLocation)
      return
    }
    #expect(reason.contains(words), "\(reason)", sourceLocation: sourceLocation)
  }

  @Test(arguments: [
    "mlp-?-legacy-17", "cnnbn-?-legacy-17", "resnet-?-legacy-13", "transformer-?-legacy-17",
  ])
  func `two trainings of one architecture match, and weights take each other's place`(
    pattern: String
  ) throws {
    let names = ["a", "b"].map { letter in
      pattern.split(separator: "?").joined(separator: letter)
    }
    let (a, b) = (try Fixture(names[0]), try Fixture(names[1]))
    let match = try ArchitectureMatch(a.graph, renamed(b.graph))
    let parameters = match.renamed(renamed(b.graph).parameters)
    #expect(Set(parameters.keys) == Set(a.graph.parameterNames))
    let found = try output(of: a.graph, b.inputs, parameters: parameters)
    #expect(try relativeDifference(found, #require(b.outputs.values.first)) < 1e-5)
  }

  @Test(arguments: Fixture.names)
  func `a model matches itself under other names`(name: String) throws {
    let graph = try Fixture(name).graph
    let other = renamed(graph)
    let back = try ArchitectureMatch(graph, other).renamed(other.parameters)
    #expect(Set(back.keys) == Set(graph.parameterNames))
    for (name, tensor) in back {
      #expect(try graph.initializers[name]?.isIdentical(to: tensor) == true)
    }
  }

  @Test func `the first difference is named`() throws {
    let graph = try Architecture.mlp(inputs: 4, hidden: [6, 5], classes: 3).untrained(seed: 1)
    func mlp(_ inputs: Int, _ hidden: [Int]) throws -> ModelGraph {
      try Architecture.mlp(inputs: inputs, hidden: hidden, classes: 3).untrained(seed: 2)
    }
    _ = try ArchitectureMatch(graph, mlp(4, [6, 5]))
    expectDifference(graph, try mlp(4, [6, 7]), "'fc2.weight' has shape [5, 6]")
    expectDifference(graph, try mlp(5, [6, 5]), "input 'x' has shape [any, 4]")
    expectDifference(graph, try mlp(4, [6]), "5 operators in the first, 3 here")

    var other = graph
    other.nodes[1].operation = "Tanh"
    expectDifference(graph, other, "operator relu1 is Relu in the first, Tanh here")
    other = graph
    other.nodes[2].attributes["alpha"] = .float(0.5)
    expectDifference(graph, other, "operator fc2 (Gemm) has other attributes")
    other = graph
    other.nodes[2].inputs[2] = ""
    expectDifference(graph, other, "operator fc2 has an optional input in only one model")
    other = graph
    other.nodes[2].inputs[0] = "fc1"
    expectDifference(graph, other, "operator fc2 reads another value")
    other = graph
    other.outputs[0].name = "relu2"
    expectDifference(graph, other, "output 'logits' is made by another operator")
    other = graph
    other.inputs[0].type = .float64
    expectDifference(graph, other, "input 'x'")
  }

  @Test func `attributes and constants must be equal`() throws {
    func graph(axis: Int, bound: Float, set: Int = 17) throws -> ModelGraph {
      ModelGraph.small(
        [node("Clip", "x low -> a"), node("Softmax", "a -> y", ["axis": .int(axis)])],
        ["low": Tensor(bound)], x: [nil, 4], operatorSet: set)
    }
    let first = try graph(axis: 1, bound: 0)
    _ = try ArchitectureMatch(first, graph(axis: 1, bound: 0, set: 13))
    expectDifference(
      first, try graph(axis: -1, bound: 0), "operator y (Softmax) has other attributes")
    expectDifference(first, try graph(axis: 1, bound: 1), "the constant 'low' differs")
    expectDifference(
      first, try graph(axis: 1, bound: 0, set: 12), "operator y (Softmax) changed its meaning")
  }

  @Test func `a weight that is read twice is not two weights`() throws {
    let shared = ModelGraph.small(
      [node("MatMul", "x a -> h"), node("MatMul", "h a -> y")], try weights(["a": [4, 4]]),
      x: [nil, 4])
    let separate = ModelGraph.small(
      [node("MatMul", "x a -> h"), node("MatMul", "h b -> y")],
      try weights(["a": [4, 4], "b": [4, 4]]), x: [nil, 4])
    expectDifference(shared, separate, "reads another value")
    expectDifference(separate, shared, "reads another value")
  }
}
