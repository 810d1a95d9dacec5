internal import LocalPrivacy
public import Models
internal import Tensors
public import Training

/// A fusion from the data on: parties are trained on their shards, fused, and measured.
///
/// The same configuration and seed give the same parties; the privacy noise is fresh every time.
public struct FusionStudy: Sendable {
  public typealias Augmentation = Trainer.Augmentation

  /// Hears of what is being done, and how far it is, in [0, 1].
  public typealias Progress = (_ stage: String, _ fraction: Double) throws -> Void

  public var architecture: Architecture
  /// How training records are dealt; the first `parties` shards are used.
  public var split: DataSplit
  public var parties: Int
  public var epochs: Int
  /// Whether all parties start from one public initialisation.
  public var hasCommonInitialization: Bool
  public var seed: UInt64

  public init(
    architecture: Architecture, split: DataSplit, parties: Int, epochs: Int,
    hasCommonInitialization: Bool = false, seed: UInt64
  ) {
    self.architecture = architecture
    self.split = split
    self.parties = parties
    self.epochs = epochs
    self.hasCommonInitialization = hasCommonInitialization
    self.seed = seed
  }

  /// The untrained graph that gives names and shapes; also the common initialisation.
  public func untrained(party: Int = 0) throws -> ModelGraph {
    let own = hasCommonInitialization ? 0 : UInt64(party)
    return try architecture.untrained(seed: seed &* 1000 &+ own)
  }

  /// Trains one party's model on its shard.
  public func train(
    party: Int, on data: LabeledData, progress: (Double) throws -> Void = { _ in }
  ) throws -> ModelGraph {
    let trainer = Trainer(epochs: epochs, seed: seed &* 1000 &+ UInt64(party))
    return try trainer.train(untrained(party: party), on: data) { step, total, _ in
      try progress(Double(step) / Double(total))
    }
  }

  /// The records of every party.
  public func shards(of data: LabeledData) throws -> [[Int]] {
    let labels: [Int64] = try data.labels.elements()
    return Array(split.deal(labels.map(Int.init), seed: seed).prefix(parties))
  }

  /// Trains all parties, side by side on one thread each: networks of this size gain nothing from
  /// more.
  public func trainParties(
    _ data: StudyData, progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) async throws -> [ModelGraph] {
    let shards = try shards(of: data.training)
    let overall = OverallProgress(parts: shards.count)
    return try await withThrowingTaskGroup(of: (Int, ModelGraph).self) { group in
      for (party, shard) in shards.enumerated() {
        group.addTask {
          let model = try TensorEngine.withThreads(1) {
            try train(party: party, on: data.training.selecting(shard)) { fraction in
              try Task.checkCancellation()
              progress(overall.update(party, fraction))
            }
          }
          return (party, model)
        }
      }
      var models: [Int: ModelGraph] = [:]
      for try await (party, model) in group { models[party] = model }
      return shards.indices.compactMap { models[$0] }
    }
  }
}
