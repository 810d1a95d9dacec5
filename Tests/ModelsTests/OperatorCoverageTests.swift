import Models
import Tensors
import Testing

@Suite struct OperatorCoverageTests {
  @Test func `every operator that is evaluated has a symmetry rule or makes only constants`() {
    #expect(OperatorTable.operations.count >= 70)
    #expect(
      SymmetryRules.operations
        == OperatorTable.operations.subtracting(OperatorTable.constantOperations))
    #expect(
      OperatorTable.constantOperations == ["Constant", "ConstantOfShape", "Shape", "Size", "Range"])
  }

  @Test(arguments: ["Scan", "NonZero", "relu", ""])
  func `an unknown operator is refused by name, with advice`(operation: String) {
    let graph = ModelGraph.small(
      [node("Relu", "x -> a"), node(operation, "a -> y")], x: [nil, 2])
    let error = #expect(throws: ModelError.unknownOperator(operation: operation, node: "y")) {
      try ForwardPass(graph)
    }
    #expect(error?.description.contains("operator \(operation) (node y) has no rule") == true)
    #expect(error?.description.contains("export the model without it") == true)
  }

  @Test func `an operator that can be evaluated but has no rule is refused, too`() throws {
    // A range as long as an input's largest element.
    let graph = ModelGraph.small(
      [
        node("ReduceMax", "x -> m", ["keepdims": .int(0)]), node("Range", "zero m one -> y"),
      ], ["zero": Tensor(Float(0)), "one": Tensor(Float(1))], x: [nil, 2])
    let x = try counting([1, 2], from: 3)
    #expect(try output(of: graph, ["x": x]).elements() == [0, 1, 2, 3] as [Float])
    let pass = try ForwardPass(graph)
    #expect(throws: ModelError.unknownOperator(operation: "Range", node: "y")) {
      try PermutationGroups(pass, inputs: ["x": x])
    }
  }

  @Test func `operands that do not fit are refused with the node's name`() throws {
    let graph = ModelGraph.small(
      [node("MatMul", "x w -> y")], try weights(["w": [3, 2]]), x: [nil, 4])
    let error = #expect(throws: ModelError.self) {
      try output(of: graph, ["x": Tensor.zeros([1, 4])])
    }
    guard case .evaluation(operation: "MatMul", node: "y", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    node("Gather", "x one -> y", ["axis": .int(2)]),
    node("Gather", "x one -> y", ["axis": .int(-3)]),
    node("Split", "x -> y z", ["axis": .int(2)]),
    node("ReduceMean", "x -> y", ["axes": .ints([2])]),
    node("LayerNormalization", "x one -> y", ["axis": .int(2)]),
    node("Slice", "x one one ends -> y"),
    node("Slice", "x one one one zero -> y"),
    node("Slice", "x one one ends -> y"),
    node("Reshape", "x missing -> y"),
    node("Pad", "x one -> y"),
    node("Pad", "x ends -> y", ["mode": .string("reflect")]),
    node("Cast", "x -> y", ["to": .int(8)]),
    node("Einsum", "x -> y"),
    node("MaxPool", "x -> y"),
    node("Constant", "-> y", ["value_string": .string("a")]),
    node("ArgMax", "x -> y", ["axis": .int(1), "select_last_index": .int(1)]),
  ])
  func `attributes out of range are refused`(operation: ModelGraph.Node) throws {
    let initializers = [
      "one": try integers(1), "zero": try integers(0), "ends": try integers(2, 2),
      "missing": try integers(0, 0, 0),
    ]
    let graph = ModelGraph.small([operation], initializers, x: [nil, 3])
    let error = #expect(throws: ModelError.self) {
      try output(of: graph, ["x": counting([2, 3])])
    }
    switch error {
    case .unsupported(operation.operation, "y", _), .evaluation(operation.operation, "y", _): break
    default: Issue.record("\(String(describing: error))")
    }
  }
}
