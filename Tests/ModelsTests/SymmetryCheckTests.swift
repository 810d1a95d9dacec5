import Models
import Symmetry
import Tensors
import Testing

/// The self-check must not pass for nothing.
@Suite struct SymmetryCheckTests {
  /// Leaving any axis out of any group, one at a time, of a network.
  private func expectEveryOmissionIsFound(_ graph: ModelGraph, _ inputs: [String: Tensor]) throws {
    let pass = try ForwardPass(graph)
    let groups = try PermutationGroups(pass, inputs: inputs)
    #expect(!groups.groups.isEmpty)
    for group in groups.groups {
      for axis in group.axes {
        let wrong = groups.removing(axis, from: group.id)
        let check = try SymmetryCheck(wrong, of: pass, inputs: inputs, seed: 5)
        #expect(!check.proved.contains(group.id), "\(group.id) without \(axis)")
        let others = Set(groups.groups.map(\.id)).subtracting([group.id])
        #expect(check.proved == others, "\(group.id) without \(axis)")
      }
    }
  }

  @Test(arguments: ["cnnbn-a-legacy-17", "mobile-legacy-13-kept", "dense-legacy-17-kept"])
  func `a group that lacks an axis is not proved, and the others are`(name: String) throws {
    let fixture = try Fixture(name)
    try expectEveryOmissionIsFound(fixture.graph, fixture.inputs)
  }

  @Test func `a head that is all zeros hides nothing`() throws {
    let architecture = Architecture.mlp(inputs: 5, hidden: [7, 6], classes: 3)
    var graph = try architecture.untrained(seed: 1)
    for name in ["fc3.weight", "fc3.bias"] {
      graph.initializers[name] = try graph.initializers[name].map { try Tensor.zeros($0.shape) }
    }
    let inputs = try graph.sampleInputs(seed: 2)
    // With its own parameters the network is 0 whatever is permuted.
    #expect(try output(of: graph, inputs).largestMagnitude() == 0)
    try expectEveryOmissionIsFound(graph, inputs)
    #expect(try symmetry(of: graph, inputs).check.proved.count == 2)
  }

  @Test func `an axis that is multiplied by zero is idle and its group not proved`() throws {
    var initializers = try weights(["w1": [6, 4], "p": [6], "w2": [3, 6]])
    initializers["zero"] = Tensor(Float(0))
    let graph = ModelGraph.small(
      [
        node("Gemm", "x w1 -> h", ["transB": .int(1)]), node("Mul", "p zero -> nothing"),
        node("Add", "h nothing -> s"), node("Relu", "s -> r"),
        node("Gemm", "r w2 -> y", ["transB": .int(1)]),
      ], initializers, x: [nil, 4])
    let (groups, check) = try symmetry(of: graph)
    #expect(groups.groups.map(\.size) == [6])
    #expect(check.proved.isEmpty)
    #expect(check.idleAxes == [ParameterAxis(parameter: "p", axis: 0)])
    let kept = groups.filtered({ check.proved.contains($0) }, because: "is not proved")
    #expect(kept.groups.isEmpty)
    #expect(kept.structures["w2"] == [.fixed(3), .fixed(6)])
    #expect(kept.fixedAxes[ParameterAxis(parameter: "p", axis: 0)] == ["is not proved"])
  }

  @Test func `an axis of a layer that reaches no output is idle`() throws {
    let graph = ModelGraph.small(
      [
        node("Gemm", "x w1 -> h", ["transB": .int(1)]), node("Relu", "h -> r"),
        node("Gemm", "r w3 -> dead", ["transB": .int(1)]),
        node("Gemm", "r w2 -> y", ["transB": .int(1)]),
      ], try weights(["w1": [6, 4], "w2": [3, 6], "w3": [5, 6]]), x: [nil, 4])
    let (groups, check) = try symmetry(of: graph)
    #expect(Set(groups.groups.map(\.size)) == [6, 5])
    #expect(check.proved.isEmpty)
    #expect(
      Set(check.idleAxes)
        == [ParameterAxis(parameter: "w3", axis: 1), ParameterAxis(parameter: "w3", axis: 0)])
  }
}
