import Models
import PrivFusion
import Symmetry
import Tensors
import Testing

/// Networks of different widths.
@Suite struct WidthFusionTests {
  private func fused(
    _ graphs: [ModelGraph], _ change: (inout WidthFusion.Options) -> Void = { _ in },
    filtered: Bool = false, probe count: Int = 60
  ) throws -> WidthFusion.Result {
    var options = WidthFusion.Options()
    change(&options)
    return try WidthFusion(
      graphs, probe: probe(for: graphs[0], count: count), options: options, seed: 3
    ).run(settings: { _ in
      FusionSettings(disclosure: .open, matching: .both, usesFilter: filtered, seed: 3)
    })
  }

  private func mlp(_ hidden: [Int], seed: UInt64) throws -> ModelGraph {
    try Architecture.mlp(inputs: 6, hidden: hidden, classes: 3).untrained(seed: seed)
  }

  /// A network that has all units of `base` in another order, and further ones.
  private func extended(_ base: ModelGraph, by more: ModelGraph) throws -> ModelGraph {
    let order = [10, 3, 7, 0, 9, 6, 2, 11, 5, 8, 4, 1]
    return try base.replacing(
      base.parameters.reduce(into: [:]) { result, entry in
        guard let other = more.initializers[entry.key],
          let axis = ["fc1.weight": 0, "fc1.bias": 0, "fc2.weight": 1][entry.key]
        else { return }
        result[entry.key] = try Tensor.concatenated([entry.value, other], axis: axis)
          .selecting(order, axis: axis)
      })
  }

  private func relativeDifference(_ one: ModelGraph, _ expected: Tensor) throws -> Double {
    let inputs = try probe(for: one, count: 60)
    let found = try output(of: one, inputs, parameters: [:])
    return try found.subtracting(expected).largestMagnitude() / expected.largestMagnitude()
  }

  private func mean(_ graphs: [ModelGraph]) throws -> Tensor {
    let inputs = try probe(for: graphs[0], count: 60)
    let outputs = try graphs.map { try output(of: $0, inputs, parameters: [:]) }
    return try outputs.dropFirst().reduce(outputs[0]) { try $0.adding($1) }
      .divided(by: Double(graphs.count))
  }

  /// The further units reach the outputs with half their weight: 1e-5 is rounding.
  @Test func `where units match the fused function is the mean of the parties'`() throws {
    let narrow = try mlp([8], seed: 1)
    let wide = try extended(narrow, by: mlp([4], seed: 2))
    for graphs in [[narrow, wide], [wide, narrow], [narrow, wide, narrow]] {
      let result = try fused(graphs)
      #expect(result.widths.map(\.fused) == [12])
      #expect(try relativeDifference(result.graph, mean(graphs)) < 1e-5)
    }
    #expect(try fused([narrow, wide]).widths[0].shares == [4, 8])
  }

  @Test func `dividing by the parties that have both units is another function`() throws {
    let narrow = try mlp([8], seed: 1)
    let wide = try extended(narrow, by: mlp([4], seed: 2))
    let both = try fused([narrow, wide]) { $0.divisor = .both }
    // The further units count twice what they should: that is all of the wide network.
    #expect(try relativeDifference(both.graph, mean([narrow, wide])) > 0.01)
    #expect(try relativeDifference(both.graph, mean([wide])) < 1e-5)
  }

  @Test func `a network is itself at twice its width, and with another's empty slots`() throws {
    let graph = try mlp([8, 5], seed: 1)
    let alone = try fused([graph])
    #expect(alone.widths.map(\.fused) == [8, 5])
    #expect(try relativeDifference(alone.graph, mean([graph])) < 1e-5)
    // Equal units are parted to fill the width, and each half has half the weight.
    let twice = try fused([graph, graph]) { $0.width = .factor(2) }
    #expect(twice.widths.map(\.fused) == [16, 10])
    #expect(twice.widths.map(\.shares) == [[16, 0], [10, 0]])
  }

  @Test func `units that are unlike keep slots of their own`() throws {
    let graphs = try [mlp([8], seed: 1), mlp([6], seed: 2)]
    let apart = try fused(graphs) { $0.joinsAbove = 1 }
    #expect(apart.widths[0].fused == 14 && apart.widths[0].shares == [14, 0])
    // Apart, nothing is lost.
    #expect(try relativeDifference(apart.graph, mean(graphs)) < 1e-5)
    let joined = try fused(graphs) { $0.joinsAbove = -1 }
    #expect(joined.widths[0].fused == 8)
    let limited = try fused(graphs) {
      $0.joinsAbove = 1
      $0.width = .units(["fc1.weight": 10])
    }
    #expect(limited.widths[0].fused == 10 && limited.widths[0].shares == [6, 4])
  }

  /// Normalisations, residual streams and skipped layers; the self-check runs on the fused graph.
  @Test func `residual networks of other widths fuse, and every group of the result is proved`()
    throws
  {
    let graphs = try [[4, 6], [6, 8], [5, 7]].enumerated().map { seed, widths in
      try Architecture.resnet(
        channels: 1, height: 8, width: 8, blocks: [1, 1], widths: widths, classes: 3
      ).untrained(seed: UInt64(seed))
    }
    for filtered in [false, true] {
      let result = try fused(graphs, filtered: filtered)
      #expect(Set(result.widths.map(\.fused)) == [6, 8])
      #expect(result.groupCount == result.widths.count)
      let inputs = try probe(for: result.graph, count: 20)
      #expect(try output(of: result.graph, inputs, parameters: [:]).isFinite())
    }
  }

  @Test func `what differs in more than widths is refused`() throws {
    let graph = try mlp([8], seed: 1)
    #expect(throws: ModelError.self) { try fused([graph, mlp([8, 8], seed: 1)]) }
    let inputs = try Architecture.mlp(inputs: 7, hidden: [8], classes: 3).untrained(seed: 1)
    #expect(throws: ModelError.self) { try fused([graph, inputs]) }
    let classes = try Architecture.mlp(inputs: 6, hidden: [8], classes: 4).untrained(seed: 1)
    #expect(throws: ModelError.self) { try fused([graph, classes]) }
    for width in [WidthChoice.factor(0.9), .units(["fc1.weight": 7]), .units(["fc9": 9])] {
      #expect(throws: FusionError.self) { try fused([graph, graph]) { $0.width = width } }
    }
  }

  @Test func `nothing is randomised`() throws {
    let graphs = try [mlp([8], seed: 1), mlp([6], seed: 2)]
    let fusion = try WidthFusion(
      graphs, probe: probe(for: graphs[0], count: 20), options: .init(), seed: 3)
    #expect(throws: FusionError.privateWidths) {
      try fusion.run(settings: { _ in
        FusionSettings(
          disclosure: .randomized(epsilon: 1, voteEpsilon: 1), matching: .activations, seed: 3)
      })
    }
  }
}
