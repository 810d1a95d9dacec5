import Models
import PrivFusion
import Tensors
import Testing

/// Networks that know different classes.
@Suite struct ClassUnionTests {
  private let probeInputs: [String: Tensor]
  private let whole: ModelGraph

  init() throws {
    whole = try Architecture.mlp(inputs: 6, hidden: [8], classes: 5).untrained(seed: 1)
    probeInputs = try probe(for: whole, count: 80)
  }

  /// The network with some of its outputs, and its units in another order.
  private func part(_ classes: [Int], turned: Int = 0) throws -> ModelGraph {
    var graph = whole
    let order = (0..<8).map { ($0 * 3 + turned) % 8 }
    graph.initializers = try whole.initializers.reduce(into: [:]) { result, entry in
      var tensor = entry.value
      if entry.key.hasPrefix("fc1") { tensor = try tensor.selecting(order, axis: 0) }
      if entry.key == "fc2.weight" { tensor = try tensor.selecting(order, axis: 1) }
      if entry.key.hasPrefix("fc2") { tensor = try tensor.selecting(classes, axis: 0) }
      result[entry.key] = tensor
    }
    graph.outputs[0].shape = [nil, classes.count]
    return graph
  }

  private func fused(
    _ graphs: [ModelGraph], _ names: [[String]], _ scale: OutputScale, filtered: Bool = false
  ) throws -> WidthFusion.Result {
    var options = WidthFusion.Options()
    options.classes = try ClassUnion(names)
    options.outputScale = scale
    return try WidthFusion(graphs, probe: probeInputs, options: options, seed: 3)
      .run(settings: { _ in
        FusionSettings(disclosure: .open, matching: .both, usesFilter: filtered, seed: 3)
      })
  }

  private func logits(_ graph: ModelGraph) throws -> Tensor {
    try output(of: graph, probeInputs, parameters: [:])
  }

  @Test func `classes come in the order of first mention`() throws {
    let union = try ClassUnion([["b", "a"], ["c", "a"], ["d", "b"]])
    #expect(union.names == ["b", "a", "c", "d"])
    #expect(union.places == [[0, 1], [2, 1], [3, 0]])
  }

  @Test func `names that are empty or come twice are refused`() {
    #expect(throws: FusionError.classNames(party: 1, reason: "'a' comes twice")) {
      try ClassUnion([["a"], ["a", "b", "a"]])
    }
    #expect(throws: FusionError.classNames(party: 0, reason: "a name is empty")) {
      try ClassUnion([["a", ""]])
    }
  }

  /// Both parts are cut from one network, so that the union must be it: 1e-5 is rounding.
  @Test func `two parts of one network fuse into the whole`() throws {
    let graphs = [try part([0, 1, 2]), try part([4, 2, 3], turned: 5)]
    let names = [["a", "b", "c"], ["e", "c", "d"]]
    let expected = try logits(whole).selecting([0, 1, 2, 4, 3], axis: 1)
    let result = try fused(graphs, names, .asIs)
    #expect(try relativeDifference(logits(result.graph), expected) < 1e-5)
    #expect(result.graph.outputs[0].shape == [nil, 5])
    #expect(result.outputScale == .asIs)
  }

  /// Class c is 0 in both, and the rest is what it was relative to c.
  @Test func `anchored outputs are relative to the classes that all know`() throws {
    let graphs = [try part([0, 1, 2]), try part([4, 2, 3], turned: 5)]
    let names = [["a", "b", "c"], ["e", "c", "d"]]
    let all = try logits(whole)
    let expected = try all.subtracting(all.slice(2..<3, axis: 1)).selecting(
      [0, 1, 2, 4, 3], axis: 1)
    // One class in common is too little for `auto`.
    #expect(try fused(graphs, names, .auto).outputScale == .standardized)
    for (graphs, names, scale) in [
      (graphs, names, OutputScale.anchored),
      ([whole, whole], [["a", "b", "c", "d", "e"], ["a", "b", "c", "d", "e"]], .auto),
    ] {
      let result = try fused(graphs, names, scale)
      #expect(result.outputScale == .anchored)
      guard graphs[0].outputs[0].shape != whole.outputs[0].shape else { continue }
      #expect(try relativeDifference(logits(result.graph), expected) < 1e-5)
    }
  }

  @Test func `without a class that all know outputs are standardised on the probe`() throws {
    let graphs = [try part([0, 1]), try part([2, 3, 4], turned: 5)]
    let names = [["a", "b"], ["c", "d", "e"]]
    let result = try fused(graphs, names, .auto)
    #expect(result.outputScale == .standardized)
    let found = try logits(result.graph)
    #expect(try found.mean([0]).largestMagnitude() < 1e-5)
    #expect(try found.variance([0]).subtracting(Tensor.full([5], 1)).largestMagnitude() < 1e-4)
    #expect(throws: FusionError.noSharedClass) { try fused(graphs, names, .anchored) }
  }

  /// The filter regresses the outputs on the mean of those that know them: of parts of one network on
  /// what it says itself.
  @Test func `the filter keeps the union`() throws {
    let graphs = [try part([0, 1, 2]), try part([4, 2, 3], turned: 5)]
    let result = try fused(graphs, [["a", "b", "c"], ["e", "c", "d"]], .anchored, filtered: true)
    let expected: [Int64] = try logits(whole).selecting([0, 1, 2, 4, 3], axis: 1).argmax(axis: 1)
      .elements()
    let found: [Int64] = try logits(result.graph).argmax(axis: 1).elements()
    #expect(zip(expected, found).count { $0 == $1 } >= 76, "of 80")
  }

  @Test func `a network with other outputs than names is refused`() throws {
    #expect(throws: FusionError.classCount(party: 1, names: 2, outputs: 3)) {
      try fused([part([0, 1]), part([1, 2, 3])], [["a", "b"], ["b", "c"]], .asIs)
    }
  }
}
