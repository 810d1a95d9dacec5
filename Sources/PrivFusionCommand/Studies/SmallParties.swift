internal import Evaluation
internal import Foundation
internal import ModelFormats
internal import Models
internal import Tensors
internal import Training

/// Many parties of few records each: what each says of the probe, and how right it is by itself.
///
/// A perceptron 784-128-10 a party, 40 passes over its records, which are an equal share of the first
/// 58,000 training images. Only labels and accuracies are kept.
struct SmallParties {
  /// Every party's label of every probe, shape `[n, m]`.
  let labels: [[Int]]
  /// The mean over the parties of their accuracies, each on a fifth of the test images, by turns.
  let localAccuracy: Double

  private static let architecture = Architecture.mlp(inputs: 784, hidden: [128], classes: 10)
  private static let epochs = 40
  private static let testPart = 2000

  /// Trains the parties, or reads what they said when they were trained before.
  init(
    parties: Int, seed: UInt64, source: FashionMNIST, cachedIn folder: String, bar: ProgressBar
  ) async throws {
    let path = "\(folder)/parties/small-\(parties)-seed\(seed).npz"
    if FileManager.default.fileExists(atPath: path),
      let archive = try? ArrayArchive(contentsOf: path), let labels = archive["labels"],
      let accuracies = archive["accuracies"]
    {
      try self.init(labels: labels, accuracies: accuracies)
      return
    }
    let data = try source.data(for: Self.architecture)
    let study = FusionStudy(
      architecture: Self.architecture, split: .iid(shards: parties), parties: parties,
      epochs: Self.epochs, seed: seed)
    let shards = try study.shards(of: data.training)
    let found = try await withThrowingTaskGroup(of: (Int, [Int64], Double).self) { group in
      var results: [Int: ([Int64], Double)] = [:]
      // As many at a time as there are cores: a thousand models need not be in memory together.
      let atOnce = ProcessInfo.processInfo.activeProcessorCount
      for party in 0..<parties {
        if party >= atOnce, let (done, labels, accuracy) = try await group.next() {
          results[done] = (labels, accuracy)
          bar.update(Double(results.count) / Double(parties), "seed \(seed): train small parties")
        }
        group.addTask {
          try TensorEngine.withThreads(1) {
            let model = try study.train(party: party, on: data.training.selecting(shards[party]))
            let predictor = try Predictor(model)
            let labels: [Int64] = try predictor.logits(data.probe).argmax(axis: 1).elements()
            let start = party * Self.testPart % data.test.count
            let part = try data.test.selecting(Array(start..<start + Self.testPart))
            let score = try ModelScore(
              probabilities: predictor.probabilities(part.inputs), labels: part.labels)
            return (party, labels, score.accuracy)
          }
        }
      }
      for try await (party, labels, accuracy) in group { results[party] = (labels, accuracy) }
      return (0..<parties).compactMap { results[$0] }
    }
    let labels = try Tensor(
      indices: found.flatMap { $0.0.map(Int.init) }
    ).reshaped([parties, -1])
    let accuracies = try Tensor(found.map(\.1), shape: [parties])
    try ArrayArchive.write([("labels", labels), ("accuracies", accuracies)], to: path)
    try self.init(labels: labels, accuracies: accuracies)
  }

  private init(labels: Tensor, accuracies: Tensor) throws {
    let all: [Int64] = try labels.elements()
    let probes = labels.shape[1]
    self.labels = stride(from: 0, to: all.count, by: probes).map {
      all[$0..<$0 + probes].map(Int.init)
    }
    localAccuracy = try accuracies.mean().scalar()
  }
}
