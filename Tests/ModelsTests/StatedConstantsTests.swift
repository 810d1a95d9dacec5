import Models
import Tensors
import Testing

/// What an architecture tells beside what it has learnt.
@Suite struct StatedConstantsTests {
  private func graph(
    _ nodes: [ModelGraph.Node], _ initializers: [String: Tensor] = [:]
  ) -> ModelGraph {
    ModelGraph(
      name: "net", operatorSet: 17, nodes: nodes, initializers: initializers,
      inputs: [.init(name: "x", type: .float32, shape: [nil, 4])],
      outputs: [.init(name: "y", type: .float32, shape: [nil, 4])])
  }

  private func node(
    _ operation: String, _ inputs: [String], _ output: String,
    _ attributes: [String: ModelGraph.Attribute] = [:]
  ) -> ModelGraph.Node {
    .init(
      name: "", operation: operation, inputs: inputs, outputs: [output], attributes: attributes)
  }

  @Test func `what the outputs do not need is left out`() throws {
    let whole = graph(
      [node("Relu", ["x"], "h"), node("Abs", ["h"], "dead"), node("Add", ["h", "b"], "y")],
      ["b": try .zeros([4]), "unread": try .zeros([4])])
    let used = whole.withoutUnused()
    #expect(used.nodes.map(\.operation) == ["Relu", "Add"])
    #expect(Set(used.initializers.keys) == ["b"])
  }

  @Test(arguments: [
    ("floats", ModelGraph.Attribute.floats([1, 2])), ("text", .string("a patient's name")),
    ("texts", .strings(["a"])), ("table", .ints(Array(0..<65))),
  ])
  func `an attribute that could have been learnt is named`(
    name: String, value: ModelGraph.Attribute
  ) {
    #expect(graph([node("Relu", ["x"], "y", [name: value])]).statedConstants == ["y"])
  }

  @Test func `what an operator is told by its definition is not named`() throws {
    let plain: [String: ModelGraph.Attribute] = [
      "alpha": .float(0.01), "axis": .int(1), "pads": .ints([0, 0, 1, 1]), "mode": .string("edge"),
      "shape": .tensor(try Tensor(indices: [1, 4])),
    ]
    #expect(graph([node("LeakyRelu", ["x"], "y", plain)]).statedConstants.isEmpty)
  }

  @Test func `constants that stand alone are named, parameters are not`() throws {
    let both = graph(
      [
        node("Constant", [], "c", ["value_float": .float(3)]), node("Mul", ["x", "c"], "h"),
        node("Clip", ["h", "least", "most"], "k"), node("Gather", ["k", "table"], "g"),
        node("Add", ["g", "bias"], "y"),
      ],
      [
        "least": Tensor(Float(0)), "most": Tensor(Float(6)), "bias": try .zeros([4]),
        "table": try Tensor(indices: Array(0..<65)),
      ])
    #expect(both.statedConstants == ["c", "least", "most", "table"])
  }
}
