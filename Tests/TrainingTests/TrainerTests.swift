import Models
import Tensors
import Testing
import Training

@Suite struct TrainerTests {
  let mlp = Architecture.mlp(inputs: 16, hidden: [32], classes: 4)

  @Test func `a separable problem is learnt`() throws {
    let data = try separableProblem(samples: 800, inputs: 16, classes: 4, seed: 2)
    let graph = try mlp.untrained(seed: 3)
    let trained = try Trainer(epochs: 20, seed: 4).train(graph, on: data)
    let fresh = try separableProblem(samples: 800, inputs: 16, classes: 4, seed: 5)
    #expect(try accuracy(graph, fresh) < 0.7)
    #expect(try accuracy(trained, fresh) > 0.95)
  }

  @Test func `the same seed gives the same model and another seed another`() throws {
    let data = try separableProblem(samples: 200, inputs: 16, classes: 4, seed: 2)
    let graph = try mlp.untrained(seed: 3)
    let first = try Trainer(epochs: 2, seed: 4).train(graph, on: data)
    let second = try Trainer(epochs: 2, seed: 4).train(graph, on: data)
    let other = try Trainer(epochs: 2, seed: 5).train(graph, on: data)
    #expect(try isIdentical(first, second))
    #expect(try !isIdentical(first, other))
  }

  @Test func `running statistics move and the graph trained from stays as it was`() throws {
    let data = try LabeledData(
      inputs: ["x": Tensor.normal([65, 1, 8, 8], seed: 1).adding(3)],
      labels: Tensor(indices: (0..<65).map { $0 % 2 }))
    let architecture = Architecture.cnn(
      channels: 1, height: 8, width: 8, classes: 2, batchNormalization: true)
    let graph = try architecture.untrained(seed: 3)
    let trained = try Trainer(epochs: 1, seed: 4).train(graph, on: data)
    for name in graph.runningStatisticNames {
      let before = try #require(graph.initializers[name])
      let after = try #require(trained.initializers[name])
      #expect(try !before.isIdentical(to: after))
      // A last batch of one sample has no variance; it must not get that far.
      #expect(try after.isFinite())
    }
    #expect(try isIdentical(graph, architecture.untrained(seed: 3)))
    #expect(graph.runningStatisticNames.count == 6)
  }

  @Test func `progress counts to the total and can cancel`() throws {
    struct Cancelled: Error {}
    let data = try separableProblem(samples: 130, inputs: 16, classes: 4, seed: 2)
    let graph = try mlp.untrained(seed: 3)
    var steps: [Int] = []
    _ = try Trainer(epochs: 2, seed: 4).train(graph, on: data) { step, total, loss in
      steps.append(step)
      #expect(total == 6)
      #expect(loss > 0)
    }
    #expect(steps == [1, 2, 3, 4, 5, 6])
    #expect(throws: Cancelled.self) {
      try Trainer(epochs: 2, seed: 4).train(graph, on: data) { _, _, _ in throw Cancelled() }
    }
  }

  @Test func `labels and inputs that can't be trained on are refused`() throws {
    let graph = try mlp.untrained(seed: 3)
    let trainer = Trainer(epochs: 1, seed: 4)
    let x = try Tensor.normal([3, 16], seed: 1)
    for label in [-1, 4, -100] {
      let data = try LabeledData(inputs: ["x": x], labels: Tensor(indices: [0, label, 1]))
      #expect(throws: TrainingError.labelRange(classes: 4)) { try trainer.train(graph, on: data) }
    }
    let empty = try LabeledData(
      inputs: ["x": Tensor.zeros([0, 16])], labels: Tensor(indices: []))
    #expect(throws: TrainingError.noSamples) { try trainer.train(graph, on: empty) }
    #expect(throws: TrainingError.sampleCount(input: "x", samples: 3, labels: 1)) {
      try LabeledData(inputs: ["x": x], labels: Tensor(indices: [0]))
    }
    let infinite = try LabeledData(
      inputs: ["x": x.multiplied(by: .infinity)], labels: Tensor(indices: [0, 1, 2]))
    #expect(throws: TrainingError.diverged(step: 1)) { try trainer.train(graph, on: infinite) }
  }

  @Test func `a model that ends in softmax is trained on its logits`() throws {
    let data = try separableProblem(samples: 200, inputs: 16, classes: 4, seed: 2)
    let plain = try mlp.untrained(seed: 3)
    var softened = plain
    softened.nodes.append(
      .init(operation: "Softmax", inputs: ["logits"], outputs: ["probabilities"]))
    softened.outputs[0].name = "probabilities"
    let trainer = Trainer(epochs: 2, seed: 4)
    #expect(try isIdentical(trainer.train(plain, on: data), trainer.train(softened, on: data)))
  }

  @Test func `a declared batch size is kept to`() throws {
    let data = try separableProblem(samples: 50, inputs: 16, classes: 4, seed: 2)
    var graph = try mlp.untrained(seed: 3)
    graph.inputs[0].shape[0] = 20
    var total = 0
    _ = try Trainer(
      epochs: 1, seed: 4,
      augmentation: { inputs, _ in
        #expect(inputs["x"]?.shape == [20, 16])
        return inputs
      }
    ).train(graph, on: data) { _, count, _ in total = count }
    #expect(total == 3)
  }
}
