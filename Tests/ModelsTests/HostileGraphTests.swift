import Models
import Tensors
import Testing

/// Graphs whose numbers ask for what no machine has.
@Suite struct HostileGraphTests {
  private func integers(_ values: [Int]) throws -> Tensor { try Tensor(indices: values) }

  /// The error that one operator, reading the constant `s`, ends with.
  private func error(
    _ operation: ModelGraph.Node, _ constants: [String: Tensor] = [:], x shape: [Int] = [2, 3]
  ) throws -> ModelError? {
    let graph = ModelGraph.small([operation], constants, x: shape.map { $0 })
    do {
      _ = try ForwardPass(graph).values(["x": Tensor.zeros(shape)])
      return nil
    } catch let error as ModelError {
      return error
    }
  }

  @Test func `shapes beyond the limit are refused before memory is taken`() throws {
    for shape in [
      [1 << 40], [1 << 20, 1 << 20], [1 << 62, 1 << 62], [Int.max], [-1], [Int.min, 2],
      [0, 1 << 62],
    ] {
      let constants = ["s": try integers(shape)]
      #expect(try error(node("ConstantOfShape", "s -> y"), constants) != nil, "\(shape)")
      let value = ["value": ModelGraph.Attribute.tensor(try Tensor([Int64(1)], shape: [1]))]
      #expect(try error(node("ConstantOfShape", "s -> y", value), constants) != nil, "\(shape)")
      #expect(try error(node("Expand", "x s -> y"), constants, x: [1]) != nil, "\(shape)")
      // -1 is what a reshape takes for the rest.
      if shape != [-1] {
        #expect(try error(node("Reshape", "x s -> y"), constants) != nil, "\(shape)")
      }
    }
  }

  @Test func `ranges, paddings and windows beyond the limit are refused`() throws {
    func scalar(_ value: Int64) -> Tensor { Tensor(value) }
    for (start, end, step) in [(0, Int64.max, 1), (0, 1, 0), (Int64.min, Int64.max, 1)]
      as [(Int64, Int64, Int64)]
    {
      let constants = ["a": scalar(start), "b": scalar(end), "c": scalar(step)]
      #expect(try error(node("Range", "a b c -> y"), constants) != nil, "\(start) \(end) \(step)")
    }
    for pads in [
      [0, 0, 1 << 40, 0], [0, 0, Int.max, Int.max], [Int.min, 0, -1, 0], [0, -9, 0, 0],
    ] {
      #expect(try error(node("Pad", "x s -> y"), ["s": integers(pads)]) != nil, "\(pads)")
    }
    let kernel = ["w": try Tensor.zeros([1, 2, 3])]
    for attributes in [
      ["strides": .ints([0])], ["strides": .ints([-1])], ["dilations": .ints([Int.max])],
      ["pads": .ints([Int.max, Int.max])], ["pads": .ints([1 << 40, 0])],
      ["strides": .ints([1, 1])],
      ["group": .int(0)], ["group": .int(-1)], ["group": .int(Int.max)],
      ["auto_pad": .string("SAME_UPPER"), "strides": .ints([0])],
    ] as [[String: ModelGraph.Attribute]] {
      #expect(
        try error(node("Conv", "x w -> y", attributes), kernel, x: [1, 2, 5]) != nil,
        "\(attributes)")
    }
    for attributes in [
      ["kernel_shape": .ints([0])], ["kernel_shape": .ints([Int.max])],
      ["kernel_shape": .ints([2]), "strides": .ints([Int.min])],
    ] as [[String: ModelGraph.Attribute]] {
      #expect(try error(node("MaxPool", "x -> y", attributes), x: [1, 2, 5]) != nil)
      #expect(try error(node("AveragePool", "x -> y", attributes), x: [1, 2, 5]) != nil)
    }
    #expect(try error(node("GlobalAveragePool", "x -> y"), x: [2]) != nil)
    #expect(try error(node("GlobalMaxPool", "x -> y"), x: [2]) != nil)
  }

  @Test func `repetitions and borders beyond the limit are refused`() throws {
    for repeats in [
      [1 << 40, 1], [Int.max, Int.max], [1, -1], [Int.min, 1], [1 << 20, 1 << 20], [2], [],
    ] {
      #expect(try error(node("Tile", "x s -> y"), ["s": integers(repeats)]) != nil, "\(repeats)")
    }
    for mode in ["reflect", "edge", "wrap", "other"] {
      let attributes = ["mode": ModelGraph.Attribute.string(mode)]
      for pads in [
        [0, 0, Int.max, Int.max], [Int.min, 0, 0, 0], [0, 0, 1 << 40, 0], [0, -9, 0, 9],
        [1 << 20, 1 << 20, 1 << 20, 1 << 20], mode == "other" ? [1, 1, 1, 1] : [1],
      ] {
        let pad = node("Pad", "x s -> y", attributes)
        #expect(try error(pad, ["s": integers(pads)]) != nil, "\(mode) \(pads)")
      }
    }
    #expect(try error(node("CumSum", "x s -> y"), ["s": integers([7])]) != nil)
    #expect(try error(node("CumSum", "x s -> y"), ["s": integers([])]) != nil)
    for operation in ["ScatterND", "GatherND"] {
      for positions in [Tensor(Int64(0)), try Tensor.zeros([2, 5]).cast(to: .int64)] {
        let indexing = node(operation, operation == "GatherND" ? "x s -> y" : "x s x -> y")
        #expect(try error(indexing, ["s": positions]) != nil, "\(operation)")
      }
    }
  }

  @Test func `positions that are not there are refused`() throws {
    for position in [5, -9, Int.max, Int.min] {
      for words in ["ScatterND x s x", "GatherND x s", "ScatterND x s u"] {
        let parts = words.split(separator: " ", maxSplits: 1).map(String.init)
        let constants = [
          "s": try integers([position]).reshaped([1, 1]), "u": try Tensor.zeros([1, 3]),
        ]
        #expect(try error(node(parts[0], parts[1] + " -> y"), constants) != nil, "\(words)")
      }
    }
  }

  @Test func `axes and parts that are not there are refused`() throws {
    for parts in [0, -1, 4, Int.max, Int.min] {
      #expect(
        try error(node("Split", "x -> y", ["num_outputs": .int(parts), "axis": .int(1)])) != nil,
        "\(parts)")
    }
    for sizes in [[1 << 40, 2], [-1, 4], [Int.max, Int.max]] {
      #expect(
        try error(node("Split", "x s -> y", ["axis": .int(1)]), ["s": integers(sizes)]) != nil)
    }
    for axis in [2, -3, Int.max, Int.min] {
      for operation in ["Split", "Softmax", "Flatten", "ReduceMean", "ArgMax"] {
        if operation == "Flatten", axis == 2 { continue }
        let attribute =
          operation == "ReduceMean"
          ? ["axes": ModelGraph.Attribute.ints([axis])] : ["axis": .int(axis)]
        #expect(try error(node(operation, "x -> y", attribute)) != nil, "\(operation) \(axis)")
      }
    }
  }

  @Test func `slices with the most extreme steps end`() throws {
    for (start, end, step) in [
      (0, Int.max, Int.max), (Int.max, Int.min, Int.min), (Int.min, Int.max, 1), (-1, Int.min, -1),
    ] {
      let constants = [
        "a": try integers([start]), "b": try integers([end]), "c": try integers([1]),
        "d": try integers([step]),
      ]
      #expect(
        try error(node("Slice", "x a b c d -> y"), constants) == nil, "\(start) \(end) \(step)")
    }
  }

  @Test func `inputs of an absurd size are not made up`() throws {
    let size = Int(Int32.max)
    let graph = ModelGraph.small([node("Relu", "x -> y")], x: [nil, size, size, size])
    #expect(throws: ModelError.self) { _ = try graph.sampleInputs(seed: 1) }
  }
}
