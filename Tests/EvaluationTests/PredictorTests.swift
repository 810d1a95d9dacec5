import Evaluation
import Models
import Tensors
import Testing

@Suite struct PredictorTests {
  let x: Tensor
  let graph: ModelGraph
  /// Batches of other sizes may be summed in another order.
  let tolerance = 1e-5

  init() throws {
    x = try Tensor.normal([10, 6], seed: 1)
    graph = try Architecture.mlp(inputs: 6, hidden: [8], classes: 3).untrained(seed: 2)
  }

  func difference(_ a: Tensor, _ b: Tensor) throws -> Double {
    try a.subtracting(b).largestMagnitude()
  }

  @Test(arguments: [1, 3, 5, 10, 256])
  func `the size of a batch changes nothing`(batchSize: Int) throws {
    let whole = try #require(ForwardPass(graph).values(["x": x])["logits"])
    let logits = try Predictor(graph, batchSize: batchSize).logits(["x": x])
    #expect(logits.shape == [10, 3])
    #expect(try difference(logits, whole) < tolerance)
  }

  @Test(arguments: [1, 4, 10, 16])
  func `a declared batch size is kept to`(batchSize: Int) throws {
    var fixed = graph
    // A reshape that takes only the declared batch.
    fixed.initializers["shape"] = try Tensor(indices: [batchSize, 3])
    fixed.nodes.append(.init(operation: "Reshape", inputs: ["logits", "shape"], outputs: ["out"]))
    fixed.outputs[0].name = "out"
    fixed.inputs[0].shape[0] = batchSize
    let whole = try #require(ForwardPass(graph).values(["x": x])["logits"])
    #expect(try difference(Predictor(fixed).logits(["x": x]), whole) < tolerance)
  }

  @Test(arguments: ["Softmax", "LogSoftmax"])
  func `a softmax is not applied twice`(operation: String) throws {
    var softened = graph
    softened.nodes.append(.init(operation: operation, inputs: ["logits"], outputs: ["out"]))
    softened.outputs[0].name = "out"
    let plain = try Predictor(graph).probabilities(["x": x])
    #expect(try plain.isIdentical(to: Predictor(softened).probabilities(["x": x])))
    let sums = try plain.sum([1]).subtracting(1).largestMagnitude()
    #expect(sums < tolerance)
  }

  @Test func `an ensemble is the mean of probabilities`() throws {
    let other = try Architecture.mlp(inputs: 6, hidden: [4], classes: 3).untrained(seed: 3)
    let predictors = try [Predictor(graph), Predictor(other)]
    let both = try predictors.map { try $0.probabilities(["x": x]) }
    let mean = try both[0].adding(both[1]).multiplied(by: 0.5)
    #expect(try difference(Predictor.ensemble(predictors, ["x": x]), mean) < tolerance)
    let wider = try Architecture.mlp(inputs: 6, hidden: [4], classes: 4).untrained(seed: 3)
    #expect(throws: EvaluationError.probabilityShape(expected: [10, 3], found: [10, 4])) {
      try Predictor.ensemble([Predictor(graph), Predictor(wider)], ["x": x])
    }
  }

  @Test func `inputs that the model does not declare are refused`() throws {
    let predictor = try Predictor(graph)
    #expect(throws: ModelError.missingInput(name: "x")) { try predictor.logits(["y": x]) }
    #expect(throws: ModelError.inputShape(name: "x", expected: [nil, 6], found: [12, 5])) {
      try predictor.logits(["x": x.reshaped([12, 5])])
    }
    #expect(throws: ModelError.inputType(name: "x", expected: "float32", found: "float64")) {
      try predictor.logits(["x": x.cast(to: .float64)])
    }
    #expect(throws: EvaluationError.noSamples) {
      try predictor.logits(["x": Tensor.zeros([0, 6])])
    }
  }
}
