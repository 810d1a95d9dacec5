import ModelFormats
import Models
import Symmetry
import Tensors
import Testing

/// Networks with slots that no unit takes.
@Suite struct GraphWideningTests {
  /// How a fixture's groups take to being wider, one group after the other.
  private func widths(of fixture: Fixture) throws -> (widened: Int, refused: Int) {
    let widening = try GraphWidening(fixture.graph, inputs: fixture.inputs)
    let proved = try symmetry(of: fixture.graph, fixture.inputs).check.proved
    var (widened, refused) = (0, 0)
    for group in widening.groups.groups where proved.contains(group.id) {
      // The first half at the end and the others at the front, both backwards.
      let size = group.size + 3
      let slots = (0..<group.size).map { size - 1 - ($0 < group.size / 2 ? $0 : $0 + 3) }
      let placement = UnitPlacement(sizes: [group.id: size], slots: [group.id: slots])
      do {
        try widening.checkFunction(under: placement, inputs: fixture.inputs, seed: 1)
      } catch let error as ModelError {
        guard case .fixedWidth = error else { throw error }
        refused += 1
        continue
      }
      let wide = try widening.widened(to: placement)
      #expect(wide.parameterCount > fixture.graph.parameterCount)
      let outputs = try ForwardPass(wide).values(fixture.inputs)
      for (name, expected) in fixture.outputs {
        let found = try #require(outputs[name])
        // Single precision, as every fixture is compared.
        #expect(try relativeDifference(found, expected) < 1e-4, "\(group.axes)")
      }
      widened += 1
    }
    return (widened, refused)
  }

  /// The outputs are those that ONNX Runtime recorded of the narrow network.
  @Test(
    arguments: Fixture.names(
      startingWith: "mlp", "cnn", "cnn1d", "cnnbn", "resnet", "dense", "mobile"))
  func `every layer of a convolutional network can be wider`(name: String) throws {
    let (widened, refused) = try widths(of: Fixture(name))
    #expect(widened > 0 && refused == 0, "\(name): \(widened), \(refused)")
  }

  /// Of one exporter the number of heads is computed in the graph from sizes that are stated; nothing
  /// that is not wider in all places is let through.
  @Test(arguments: ["transformer-a-legacy-17", "transformer-dynamo-18"])
  func `of a transformer the inner layers can be wider, and what can't is left alone`(name: String)
    throws
  {
    let (widened, refused) = try widths(of: Fixture(name))
    #expect(widened > 1 && widened + refused > 3, "\(name): \(widened), \(refused)")
  }

  /// Two layers' units lie one after the other and are taken apart again; the second one's are divided
  /// by a parameter, so that a 0 in an empty slot would be seen.
  @Test(arguments: [
    [node("Split", "c sizes -> a b", ["axis": .int(1)])],
    [node("Slice", "c zero four one -> a"), node("Slice", "c four eight one -> b")],
  ])
  func `sizes that a graph states are those of the wider layers`(parts: [ModelGraph.Node]) throws {
    let transposed = ["transB": ModelGraph.Attribute.int(1)]
    var initializers = try weights(["w": [4, 3], "v": [4, 3], "p": [2, 4], "q": [2, 4]])
    initializers["d"] = try Tensor([1, 2, 3, 4] as [Float], shape: [4])
    initializers["sizes"] = try integers(4, 4)
    for (name, value) in [("zero", 0), ("one", 1), ("four", 4), ("eight", 8)] {
      initializers[name] = try integers(value)
    }
    let graph = ModelGraph.small(
      [
        node("Gemm", "x w -> g", transposed), node("Gemm", "x v -> h", transposed),
        node("Concat", "g h -> c", ["axis": .int(1)]),
      ] + parts + [
        node("Gemm", "a p -> s", transposed), node("Div", "b d -> e"),
        node("Gemm", "e q -> t", transposed), node("Add", "s t -> y"),
      ], initializers, x: [nil, 3]
    ).withoutUnused()
    let inputs = ["x": try counting([5, 3])]
    let widening = try GraphWidening(graph, inputs: inputs)
    let expected = try #require(try ForwardPass(graph).values(inputs)["y"])
    #expect(widening.groups.groups.map(\.size) == [4, 4])
    for group in widening.groups.groups {
      let placement = UnitPlacement(sizes: [group.id: 7], slots: [group.id: [6, 0, 3, 1]])
      try widening.checkFunction(under: placement, inputs: inputs, seed: 1)
      let wide = try widening.widened(to: placement)
      let found = try #require(try ForwardPass(wide).values(inputs)["y"])
      #expect(try relativeDifference(found, expected) < 1e-4)
    }
  }

  @Test func `a placement in which units stand as they did changes nothing`() throws {
    let fixture = try Fixture("cnnbn-a-legacy-17")
    let widening = try GraphWidening(fixture.graph, inputs: fixture.inputs)
    let sizes = Dictionary(
      uniqueKeysWithValues: widening.groups.groups.map { ($0.id, $0.size) })
    let same = try widening.widened(to: UnitPlacement(of: widening.groups, in: sizes))
    for (name, tensor) in fixture.graph.parameters {
      #expect(try same.initializers[name]?.isIdentical(to: tensor) == true, "\(name)")
    }
  }
}
