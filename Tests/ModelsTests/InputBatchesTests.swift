import Models
import Tensors
import Testing

@Suite struct InputBatchesTests {
  private let free = ModelGraph.small([node("Relu", "x -> y")], x: [nil, 3])
  private let fixed = ModelGraph.small([node("Relu", "x -> y")], x: [4, 3])

  private func sizes(_ batches: InputBatches) -> [Int] {
    batches.batches.map { $0["x"]?.shape[0] ?? -1 }
  }

  @Test func `inputs are cut into batches whose last may be smaller`() throws {
    let x = try counting([10, 3])
    let batches = try InputBatches(["x": x, "unused": x], for: free, batchSize: 4)
    #expect(batches.count == 10)
    #expect(sizes(batches) == [4, 4, 2])
    #expect(batches.batches.allSatisfy { Set($0.keys) == ["x"] })
    let joined = try Tensor.concatenated(batches.batches.compactMap { $0["x"] })
    #expect(try joined.isIdentical(to: x))
    #expect(try sizes(InputBatches(["x": x], for: free)) == [10])
  }

  @Test func `a batch size that the model declares leaves out what does not fill a batch`() throws {
    let batches = try InputBatches(["x": counting([10, 3])], for: fixed, batchSize: 7)
    #expect(batches.count == 8)
    #expect(sizes(batches) == [4, 4])
  }

  @Test func `fewer inputs than the model's batch are refused`() throws {
    #expect(throws: ModelError.inputShape(name: "x", expected: [4, 3], found: [3])) {
      try InputBatches(["x": counting([3, 3])], for: fixed)
    }
  }

  @Test func `a model with a batch of none is refused`() throws {
    let none = ModelGraph.small([node("Relu", "x -> y")], x: [0, 3])
    #expect(throws: ModelError.inputShape(name: "x", expected: [0, 3], found: [2])) {
      try InputBatches(["x": counting([2, 3])], for: none)
    }
  }

  @Test(arguments: [[0, 3], [5, 4], [5], [5, 3, 1], []])
  func `inputs of another shape, or none, are refused`(shape: [Int]) throws {
    let x = try Tensor.zeros(shape)
    #expect(throws: ModelError.inputShape(name: "x", expected: [nil, 3], found: shape)) {
      try InputBatches(["x": x], for: free)
    }
  }

  @Test func `inputs of another type are refused`() throws {
    let x = try Tensor.zeros([2, 3], type: .float64)
    #expect(throws: ModelError.inputType(name: "x", expected: "float32", found: "float64")) {
      try InputBatches(["x": x], for: free)
    }
  }

  @Test func `missing inputs are refused by name`() {
    #expect(throws: ModelError.missingInput(name: "x")) { try InputBatches([:], for: free) }
  }

  @Test func `two inputs must agree on how many they are`() throws {
    var graph = ModelGraph.small([node("Add", "x z -> y")], x: [nil, 3])
    graph.inputs.append(.init(name: "z", type: .float32, shape: [nil, 3]))
    #expect(throws: ModelError.inputShape(name: "z", expected: [5, 3], found: [4, 3])) {
      try InputBatches(["x": counting([5, 3]), "z": counting([4, 3])], for: graph)
    }
    let both = try InputBatches(
      ["x": counting([5, 3]), "z": counting([5, 3])], for: graph, batchSize: 2)
    #expect(both.batches.map { $0["z"]?.shape } == [[2, 3], [2, 3], [1, 3]])
  }
}
