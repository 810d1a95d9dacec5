import Models
import Tensors
import Testing

/// Operators, or forms of them, that no fixture has. Expected values follow ONNX's definitions.
@Suite struct OperatorTests {
  /// What one operator gives for `x`.
  private func evaluate(
    _ operation: ModelGraph.Node, _ x: Tensor, _ initializers: [String: Tensor] = [:],
    operatorSet: Int = 17
  ) throws -> (shape: [Int], elements: [Float]) {
    let graph = ModelGraph.small(
      [operation], initializers, x: x.shape.map { $0 }, type: x.elementType,
      operatorSet: operatorSet)
    let y = try output(of: graph, ["x": x])
    return (y.shape, try y.cast(to: .float32).elements())
  }

  private func vector(_ values: Float...) throws -> Tensor {
    try Tensor(values, shape: [values.count])
  }

  @Test func `rectifiers leak by their slope`() throws {
    let x = try vector(-2, 0, 3)
    #expect(
      try evaluate(node("LeakyRelu", "x -> y", ["alpha": .float(0.25)]), x).elements
        == [-0.5, 0, 3])
    #expect(try evaluate(node("LeakyRelu", "x -> y"), x).elements == [-0.02, 0, 3])
    let square = try Tensor([-1, -1, 2, -2] as [Float], shape: [2, 2])
    let slopes = try Tensor([0.5, 0.25] as [Float], shape: [2, 1])
    #expect(
      try evaluate(node("PRelu", "x s -> y"), square, ["s": slopes]).elements
        == [-0.5, -0.5, 2, -0.5])
  }

  @Test func `bounds may be attributes, inputs or missing`() throws {
    let x = try vector(-2, 0, 3)
    let bounds = ["low": Tensor(Float(-1)), "high": Tensor(Float(2))]
    #expect(
      try evaluate(
        node("Clip", "x -> y", ["min": .float(-1), "max": .float(2)]), x, operatorSet: 10
      ).elements == [-1, 0, 2])
    #expect(try evaluate(node("Clip", "x low high -> y"), x, bounds).elements == [-1, 0, 2])
    #expect(try evaluate(node("Clip", "x _ high -> y"), x, bounds).elements == [-2, 0, 2])
  }

  @Test func `padding goes before and after, on chosen axes, from an attribute or an input`()
    throws
  {
    let x = try counting([1, 2])
    let expected: [Float] = [9, 9, 9, 9, 9, 1, 2, 9]
    let pads = try integers(1, 1, 0, 1)
    #expect(
      try evaluate(
        node("Pad", "x p v -> y"), x, ["p": pads, "v": Tensor(Float(9))]
      ) == ([2, 4], expected))
    #expect(
      try evaluate(
        node("Pad", "x -> y", ["pads": .ints([1, 1, 0, 1]), "value": .float(9)]), x,
        operatorSet: 10
      ) == ([2, 4], expected))
    let chosen = try evaluate(
      node("Pad", "x p _ a -> y"), x, ["p": integers(2, -1), "a": integers(-1)])
    #expect(chosen == ([1, 3], [0, 0, 1]))
  }

  @Test func `parts may be given as an attribute, an input, a number or by the outputs`() throws {
    let x = try counting([5])
    func second(_ operation: ModelGraph.Node) throws -> [Float] {
      try evaluate(operation, x, ["s": integers(4, 1)]).elements
    }
    #expect(try second(node("Split", "x s -> a y")) == [5])
    #expect(try second(node("Split", "x -> a y", ["split": .ints([3, 2])])) == [4, 5])
    #expect(try second(node("Split", "x -> a y", ["num_outputs": .int(2)])) == [4, 5])
    #expect(try second(node("Split", "x -> a y b _ _")) == [2])
  }

  @Test func `slices count from the back, stop at the ends and step either way`() throws {
    let x = try counting([2, 4])
    func slice(_ starts: Int, _ ends: Int, axis: Int, step: Int = 1) throws -> [Float] {
      try evaluate(
        node("Slice", "x s e a t -> y"), x,
        [
          "s": integers(starts), "e": integers(ends), "a": integers(axis), "t": integers(step),
        ]
      ).elements
    }
    #expect(try slice(1, 3, axis: 1) == [2, 3, 6, 7])
    #expect(try slice(-2, .max, axis: -1) == [3, 4, 7, 8])
    #expect(try slice(-9, -3, axis: 1) == [1, 5])
    #expect(try slice(3, .min, axis: 1, step: -2) == [4, 2, 8, 6])
    #expect(try slice(0, 9, axis: 1, step: 3) == [1, 4, 5, 8])
    #expect(try slice(1, 0, axis: 0, step: -1) == [5, 6, 7, 8])
    #expect(try slice(3, 1, axis: 1) == [])
  }

  @Test func `sums over labels follow the equation`() throws {
    let (x, w) = (try counting([2, 2]), try counting([3, 2]))
    #expect(
      try evaluate(node("Einsum", "x w -> y", ["equation": .string("bi, oi -> bo")]), x, ["w": w])
        == ([2, 3], [5, 11, 17, 11, 25, 39]))
  }

  @Test func `a mean of uneven padding is refused, and counted padding is not`() throws {
    let x = try counting([1, 1, 3])
    let pool: [String: ModelGraph.Attribute] = [
      "kernel_shape": .ints([2]), "pads": .ints([0, 1]),
    ]
    #expect(
      throws: ModelError.unsupported(
        operation: "AveragePool", node: "y", reason: "uneven padding that is left out of the mean")
    ) { try evaluate(node("AveragePool", "x -> y", pool), x) }
    let counted = pool.merging(["count_include_pad": .int(1)]) { $1 }
    #expect(try evaluate(node("AveragePool", "x -> y", counted), x).elements == [1.5, 2.5, 1.5])
  }

  @Test func `padding that follows from the size is like the one written out`() throws {
    let x = try counting([1, 1, 4])
    let kernel = try counting([1, 1, 2])
    func convolution(_ attributes: [String: ModelGraph.Attribute]) throws -> [Float] {
      try evaluate(node("Conv", "x k -> y", attributes), x, ["k": kernel]).elements
    }
    #expect(try convolution(["auto_pad": .string("SAME_UPPER")]) == [5, 8, 11, 4])
    #expect(try convolution(["auto_pad": .string("SAME_LOWER")]) == [2, 5, 8, 11])
    #expect(try convolution(["auto_pad": .string("VALID")]) == [5, 8, 11])
    #expect(try convolution(["pads": .ints([1, 0])]) == [2, 5, 8, 11])
    #expect(throws: ModelError.self) { try convolution(["auto_pad": .string("NEITHER")]) }
    let pooled = try evaluate(
      node(
        "MaxPool", "x -> y",
        ["kernel_shape": .ints([3]), "pads": .ints([0, 1]), "strides": .ints([2])]),
      x.negated())
    #expect(pooled.elements == [-1, -3])
  }

  @Test func `softmax joins axes before operator set 13 and not from then on`() throws {
    let x = try Tensor.normal([2, 3, 4], seed: 1)
    func sums(_ axes: [Int], _ operatorSet: Int, _ attributes: [String: ModelGraph.Attribute])
      throws -> Double
    {
      let y = try evaluate(node("Softmax", "x -> y", attributes), x, operatorSet: operatorSet)
      let total = try Tensor(y.elements, shape: y.shape).sum(axes)
      return try total.subtracting(1).largestMagnitude()
    }
    #expect(try sums([1, 2], 12, [:]) < 1e-6)
    #expect(try sums([2], 12, ["axis": .int(2)]) < 1e-6)
    #expect(try sums([2], 12, [:]) > 0.1)
    #expect(try sums([2], 13, [:]) < 1e-6)
    #expect(try sums([1], 13, ["axis": .int(1)]) < 1e-6)
    #expect(try sums([1, 2], 13, ["axis": .int(1)]) > 0.1)
  }

  @Test func `shapes copy, work out or keep sizes`() throws {
    let x = try counting([2, 3, 4])
    func reshape(_ sizes: Int..., attributes: [String: ModelGraph.Attribute] = [:]) throws -> [Int]
    {
      try evaluate(
        node("Reshape", "x s -> y", attributes), x, ["s": Tensor(indices: sizes)]
      ).shape
    }
    #expect(try reshape(0, -1) == [2, 12])
    #expect(try reshape(4, 0, -1) == [4, 3, 2])
    #expect(try reshape(-1) == [24])
    let empty = try evaluate(
      node("Reshape", "x s -> y", ["allowzero": .int(1)]), Tensor.zeros([0, 3]),
      ["s": integers(3, 0)])
    #expect(empty.shape == [3, 0])
    func flatten(_ axis: Int) throws -> [Int] {
      try evaluate(node("Flatten", "x -> y", ["axis": .int(axis)]), x).shape
    }
    #expect(try [0, 1, 2, 3, -1].map(flatten) == [[1, 24], [2, 12], [6, 4], [24, 1], [6, 4]])
  }

  @Test func `axes of size 1 come and go by attribute or by input`() throws {
    let x = try counting([1, 3, 1])
    let axes = ["a": try integers(0), "both": try integers(0, -1)]
    func shape(_ operation: ModelGraph.Node) throws -> [Int] {
      try evaluate(operation, x, axes).shape
    }
    #expect(try shape(node("Squeeze", "x -> y")) == [3])
    #expect(try shape(node("Squeeze", "x -> y", ["axes": .ints([-1])])) == [1, 3])
    #expect(try shape(node("Squeeze", "x a -> y")) == [3, 1])
    #expect(try shape(node("Unsqueeze", "x -> y", ["axes": .ints([1, 3])])) == [1, 1, 3, 1, 1])
    #expect(try shape(node("Unsqueeze", "x both -> y")) == [1, 1, 3, 1, 1])
  }

  @Test func `reductions take axes from an attribute, an input or all`() throws {
    let x = try counting([2, 3])
    let axes = ["a": try integers(-1)]
    #expect(
      try evaluate(node("ReduceSum", "x a -> y", ["keepdims": .int(0)]), x, axes)
        == ([2], [6, 15]))
    #expect(
      try evaluate(node("ReduceMax", "x -> y", ["axes": .ints([0])]), x) == ([1, 3], [4, 5, 6]))
    #expect(try evaluate(node("ReduceMean", "x -> y"), x) == ([1, 1], [3.5]))
    #expect(
      try evaluate(node("ReduceSum", "x -> y", ["noop_with_empty_axes": .int(1)]), x).shape
        == [2, 3])
    #expect(
      try evaluate(node("ReduceL2", "x -> y"), try vector(3, 4)).elements == [5])
    #expect(try evaluate(node("ArgMax", "x -> y", ["axis": .int(1)]), x) == ([2, 1], [2, 2]))
  }

  @Test func `integers divide towards zero and remainders have the sign they should`() throws {
    let x = try Tensor([-7, 7] as [Int64], shape: [2])
    let three = ["d": Tensor(Int64(3))]
    #expect(try evaluate(node("Div", "x d -> y"), x, three).elements == [-2, 2])
    #expect(try evaluate(node("Mod", "x d -> y"), x, three).elements == [2, 1])
    #expect(try evaluate(node("Mod", "x d -> y", ["fmod": .int(1)]), x, three).elements == [-1, 1])
  }

  @Test func `shapes of some axes are bounded by those that there are`() throws {
    let x = try counting([2, 3, 4])
    func shape(_ start: Int, _ end: Int) throws -> [Float] {
      try evaluate(node("Shape", "x -> y", ["start": .int(start), "end": .int(end)]), x).elements
    }
    #expect(try evaluate(node("Shape", "x -> y"), x).elements == [2, 3, 4])
    #expect(try shape(1, 3) == [3, 4])
    #expect(try shape(-2, -1) == [3])
    #expect(try shape(-9, 9) == [2, 3, 4])
    #expect(try shape(2, 1) == [])
  }

  @Test func `casts give the type that they name`() throws {
    let third = ModelGraph.small(
      [node("Cast", "x -> y", ["to": .int(1)])], x: [1], type: .float64)
    let y = try output(of: third, ["x": Tensor([1.0 / 3], shape: [1])])
    #expect(y.elementType == .float32)
    #expect(
      try evaluate(node("Cast", "x -> y", ["to": .int(7)]), vector(-1.5, 2.5)).elements == [-1, 2])
  }

  @Test func `lookups count from the back`() throws {
    let positions = try Tensor([0, -1] as [Int64], shape: [2, 1])
    #expect(
      try evaluate(
        node("Gather", "x p -> y", ["axis": .int(1)]), counting([2, 3]), ["p": positions])
        == ([2, 2, 1], [1, 3, 4, 6]))
  }
}
