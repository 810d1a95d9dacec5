import Models
import Tensors
import Testing
import Training

@Suite struct ArchitectureTests {
  static let small = Architecture.resnet(
    channels: 3, height: 8, width: 8, blocks: [1, 1], widths: [8, 16], classes: 5)

  @Test(arguments: [
    (Architecture.mlp(inputs: 12, hidden: [], classes: 5), [12]),
    (.mlp(inputs: 12, hidden: [7, 6], classes: 5), [12]),
    (.cnn(channels: 2, height: 9, width: 6, classes: 5, batchNormalization: false), [2, 9, 6]),
    (.cnn(channels: 1, height: 28, width: 28, classes: 5, batchNormalization: true), [1, 28, 28]),
    (small, [3, 8, 8]),
  ])
  func `a network maps its samples to logits`(architecture: Architecture, sample: [Int]) throws {
    let graph = try architecture.untrained(seed: 1)
    #expect(graph.inputs[0].shape == [nil] + sample)
    let values = try ForwardPass(graph).values(["x": Tensor.normal([3] + sample, seed: 2)])
    let logits = try #require(values["logits"])
    #expect(logits.shape == [3, 5])
    #expect(try logits.isFinite())
    // A healthy start: neither vanishing nor exploding.
    #expect((0.05...20).contains(try logits.rootMeanSquare()))
  }

  @Test func `layers bear the names and sizes of PyTorch's`() throws {
    let mlp = try Architecture.mlp(inputs: 784, hidden: [256, 128], classes: 10).untrained(seed: 1)
    #expect(
      mlp.initializers.mapValues(\.shape) == [
        "fc1.weight": [256, 784], "fc1.bias": [256], "fc2.weight": [128, 256], "fc2.bias": [128],
        "fc3.weight": [10, 128], "fc3.bias": [10],
      ])
    let cnn = try Architecture.cnn(
      channels: 1, height: 28, width: 28, classes: 10, batchNormalization: true
    ).untrained(seed: 1)
    #expect(cnn.initializers["fc1.weight"]?.shape == [128, 64 * 7 * 7])
    #expect(cnn.initializers["conv1.bias"] == nil)
    #expect(cnn.initializers["bn3.running_var"]?.shape == [128])
    let residual = try Self.small.untrained(seed: 1)
    #expect(residual.initializers["layer2.0.downsample.0.weight"]?.shape == [16, 8, 1, 1])
    #expect(residual.initializers["layer1.0.downsample.0.weight"] == nil)
  }

  /// torchvision's resnet18 has 11,689,512 parameters; with a 3x3 stem (-7,680) and 10 classes
  /// (-507,870) there are 11,173,962, and 9,600 running statistics.
  @Test func `the residual network of 18 layers has its eleven million parameters`() throws {
    let graph = try Architecture.resnet18(channels: 3, height: 32, width: 32, classes: 10)
      .untrained(seed: 1)
    let running = graph.runningStatisticNames
    let statistics = running.reduce(0) { $0 + (graph.initializers[$1]?.count ?? 0) }
    #expect(graph.parameterCount - statistics == 11_173_962)
    #expect(statistics == 9_600)
  }

  @Test func `weights have the spread of their fan-in and the seed decides`() throws {
    let architecture = Architecture.mlp(inputs: 800, hidden: [500], classes: 200)
    let graph = try architecture.untrained(seed: 1)
    // 400,000 and 100,000 normal numbers: the relative error of the spread is below 0.3 %.
    let first = try #require(graph.initializers["fc1.weight"]).rootMeanSquare()
    let last = try #require(graph.initializers["fc2.weight"]).rootMeanSquare()
    #expect(abs(first / (2.0 / 800).squareRoot() - 1) < 0.02)
    #expect(abs(last / (1.0 / 500).squareRoot() - 1) < 0.02)
    #expect(try isIdentical(graph, architecture.untrained(seed: 1)))
    #expect(try !isIdentical(graph, architecture.untrained(seed: 2)))
  }

  @Test func `a residual network trains`() throws {
    let data = try LabeledData(
      inputs: ["x": Tensor.normal([32, 3, 8, 8], seed: 1)],
      labels: Tensor(indices: (0..<32).map { $0 % 5 }))
    var losses: [Double] = []
    _ = try Trainer(epochs: 60, batchSize: 16, learningRate: 3e-3, seed: 1)
      .train(Self.small.untrained(seed: 2), on: data) { losses.append($2) }
    #expect(try #require(losses.last) < losses[0] / 2)
  }
}
