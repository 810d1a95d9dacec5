internal import LocalPrivacy
public import PrivateTraining
public import Tensors

/// Parties that train heads with record-level privacy on one public trunk, fused and measured.
///
/// The same shards and settings give the same parties up to their noise, which is fresh every time.
public struct RecordStudy: Sendable {
  /// Features of the parties' records, shape `[records, dimension]`.
  public let features: Tensor
  /// The class of every record.
  public let labels: [Int]
  /// The records of every party.
  public let shards: [[Int]]
  /// Features of the test samples, shape `[samples, dimension]`.
  public let testFeatures: Tensor
  /// The class of every test sample, `int64` of shape `[samples]`.
  public let testLabels: Tensor
  public let classes: Int

  public init(
    features: Tensor, labels: [Int], shards: [[Int]], testFeatures: Tensor, testLabels: Tensor,
    classes: Int
  ) {
    precondition(!shards.isEmpty && features.shape[0] == labels.count)
    self.features = features
    self.labels = labels
    self.shards = shards
    self.testFeatures = testFeatures
    self.testLabels = testLabels
    self.classes = classes
  }

  /// Every party's head, trained side by side on one thread each, each from a ledger of its own
  /// that holds just this.
  ///
  /// - Parameters:
  ///   - settings: How heads are trained.
  ///   - epsilon: Every party's loss, of unit record, under zero-out adjacency.
  ///   - delta: The probability of failure, above 0.
  ///   - progress: Hears the fraction done.
  /// - Throws: `PrivacyError` when no noise gives that loss.
  public func heads(
    _ settings: HeadTrainer.Settings, epsilon: Double, delta: Double,
    progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) async throws -> [LinearHead] {
    let procedure = try GaussianProcedure.calibrated(
      epsilon: epsilon, delta: delta, steps: settings.steps, sampling: .everyRecord)
    let budget = try RecordBudget(epsilon: epsilon, delta: delta)
    let overall = OverallProgress(parts: shards.count)
    return try await withThrowingTaskGroup(of: (Int, LinearHead).self) { group in
      for (party, shard) in shards.enumerated() {
        group.addTask {
          let head = try TensorEngine.withThreads(1) {
            var ledger = RecordLedger(limit: budget)
            var grant = try ledger.grant(procedure, delta: delta, as: "head")
            return try HeadTrainer(settings).train(
              features: features.selecting(shard, axis: 0), labels: shard.map { labels[$0] },
              classes: classes, grant: &grant
            ) { fraction in
              try Task.checkCancellation()
              progress(overall.update(party, fraction))
            }
          }
          return (party, head)
        }
      }
      var heads: [Int: LinearHead] = [:]
      for try await (party, head) in group { heads[party] = head }
      return shards.indices.compactMap { heads[$0] }
    }
  }

  /// The share of test samples that a head classifies rightly.
  public func accuracy(_ head: LinearHead) throws -> Double {
    try ModelScore(probabilities: probabilities(head), labels: testLabels).accuracy
  }

  /// The accuracy of the mean of all heads' probabilities.
  public func ensembleAccuracy(_ heads: [LinearHead]) throws -> Double {
    var sum = try probabilities(heads[0])
    for head in heads.dropFirst() { sum = try sum.adding(probabilities(head)) }
    return try ModelScore(
      probabilities: sum.divided(by: Double(heads.count)), labels: testLabels
    ).accuracy
  }

  /// Class probabilities of the test samples, shape `[samples, classes]`.
  public func probabilities(_ head: LinearHead) throws -> Tensor {
    try head.logits(testFeatures).softmax(axis: 1)
  }
}
