internal import Foundation
internal import LocalPrivacy
internal import Models
internal import PrivateTraining
internal import Tensors
internal import Training

// One run of private training, for Benchmarks/dp-sgd.py: reads its options as JSON from the first
// argument, prints accuracy, seconds and processor seconds as JSON.

struct Options: Decodable {
  /// Files of bytes: images of 28 x 28 pixels and labels.
  let trainImages: String
  let trainLabels: String
  let testImages: String
  let testLabels: String
  let architecture: String
  let records: Int
  let clip: Double
  let batch: Int
  let steps: Int
  let rate: Double
  let optimizer: String
  let noiseMultiplier: Double
  let seed: UInt64
  let threads: Int
}

struct Outcome: Encodable {
  let accuracy: Double
  let seconds: Double
  let processorSeconds: Double
}

func labeledData(images: String, labels: String, count: Int?, shape: [Int]) throws -> LabeledData {
  let classes = try Data(contentsOf: URL(filePath: labels))
  let number = count ?? classes.count
  let pixels = try Data(contentsOf: URL(filePath: images)).prefix(number * 784)
  let x = try pixels.withUnsafeBytes {
    try Tensor(bytes: $0, type: .uint8, shape: [number] + shape)
  }
  return try LabeledData(
    inputs: ["x": x.cast(to: .float32).multiplied(by: 1.0 / 255)],
    labels: Tensor(indices: classes.prefix(number).map { Int($0) }))
}

func accuracy(_ graph: ModelGraph, _ data: LabeledData) throws -> Double {
  let logits = try ForwardPass(graph).values(data.inputs)["logits"]
  let predicted: [Int64] = try logits?.argmax(axis: 1).elements() ?? []
  let labels: [Int64] = try data.labels.elements()
  return Double(zip(predicted, labels).count { $0 == $1 }) / Double(labels.count)
}

let argument = CommandLine.arguments.dropFirst().first ?? "{}"
let options = try JSONDecoder().decode(Options.self, from: Data(argument.utf8))
TensorEngine.reuseMemory()
TensorEngine.threadCount = options.threads
let isConvolutional = options.architecture == "cnn"
let shape = isConvolutional ? [1, 28, 28] : [784]
let architecture: Architecture =
  isConvolutional
  ? .cnn(channels: 1, height: 28, width: 28, classes: 10, batchNormalization: false)
  : .mlp(inputs: 784, hidden: [256, 128], classes: 10)
let settings = try PrivateTrainingSettings(
  clip: options.clip, expectedBatch: options.batch, steps: options.steps,
  learningRate: options.rate,
  optimizer: options.optimizer == "adam" ? .adam : .sgd(momentum: 0.9))
let procedure = try GaussianProcedure(
  sampling: settings.sampling(records: options.records), steps: options.steps,
  noiseMultiplier: options.noiseMultiplier)
var ledger = RecordLedger(limit: try RecordBudget(epsilon: 1e6, delta: 1e-5))
var grant = try ledger.grant(procedure, delta: 1e-5, as: "benchmark")
let train = try labeledData(
  images: options.trainImages, labels: options.trainLabels, count: options.records, shape: shape)
let test = try labeledData(
  images: options.testImages, labels: options.testLabels, count: nil, shape: shape)
let untrained = try architecture.untrained(seed: options.seed)

let processorStart = clock()
let start = ContinuousClock.now
let trained = try PrivateTrainer(settings).train(untrained, on: train, grant: &grant)
let seconds = (ContinuousClock.now - start) / .seconds(1)
let processorSeconds = Double(clock() - processorStart) / Double(CLOCKS_PER_SEC)
let outcome = Outcome(
  accuracy: try accuracy(trained, test), seconds: seconds, processorSeconds: processorSeconds)
print(String(decoding: try JSONEncoder().encode(outcome), as: UTF8.self))
