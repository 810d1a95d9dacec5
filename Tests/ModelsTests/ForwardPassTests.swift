import Models
import Tensors
import Testing

@Suite struct ForwardPassTests {
  @Test func `there are enough fixtures to speak of`() {
    #expect(Fixture.names.count >= 25)
  }

  /// Both sum in single precision in orders of their own; 1e-5 is some 80 times its epsilon.
  @Test(arguments: Fixture.names)
  func `outputs are those of ONNX Runtime`(name: String) throws {
    let fixture = try Fixture(name)
    let found = try ForwardPass(fixture.graph).values(fixture.inputs)
    #expect(Set(found.keys) == Set(fixture.outputs.keys))
    for (port, expected) in fixture.outputs {
      let value = try #require(found[port])
      #expect(value.elementType == expected.elementType)
      #expect(try relativeDifference(value, expected) < 1e-5, "\(port)")
    }
  }

  @Test func `a value that nothing makes is refused before anything is computed`() {
    let graph = ModelGraph.small([node("Relu", "z -> y")], x: [nil, 2])
    #expect(throws: ModelError.missingValue(name: "z", node: "y")) { try ForwardPass(graph) }
    let silent = ModelGraph.small([node("Relu", "x -> z")], x: [nil, 2])
    #expect(throws: ModelError.missingValue(name: "y", node: "the graph's outputs")) {
      try ForwardPass(silent)
    }
  }

  @Test func `values in between and inputs can be captured`() throws {
    let graph = ModelGraph.small([node("Neg", "x -> a"), node("Relu", "a -> y")], x: [nil, 2])
    let x = try counting([1, 2])
    let values = try ForwardPass(graph).values(["x": x], capturing: ["x", "a"])
    #expect(Set(values.keys) == ["x", "a"])
    #expect(try values["a"]?.elements() == [-1, -2] as [Float])
  }

  @Test func `an output that is an initializer is given as it is`() throws {
    var graph = ModelGraph.small([node("Relu", "x -> z")], x: [nil, 2])
    graph.initializers["y"] = try counting([3])
    let pass = try ForwardPass(graph)
    let x = try counting([1, 2])
    #expect(try pass.values(["x": x])["y"]?.elements() == [1, 2, 3] as [Float])
    let other = try counting([3], from: 5)
    let replaced = try pass.values(["x": x], parameters: ["y": other])
    #expect(try replaced["y"]?.elements() == [5, 6, 7] as [Float])
  }

  @Test func `a missing input is named`() throws {
    let graph = ModelGraph.small([node("Relu", "x -> y")], x: [nil, 2])
    #expect(throws: ModelError.missingInput(name: "x")) { try ForwardPass(graph).values([:]) }
  }
}
