internal import LocalPrivacy
public import PrivateTraining
public import Tensors

extension RecordStudy {
  /// Trains every party's head twice, for the fusion and for itself alone, fuses and measures.
  ///
  /// - Parameters:
  ///   - epsilon: Every party's loss of each of its two heads, which are never released together.
  ///   - delta: The probability of failure.
  ///   - probe: The public probe's features, shape `[m, dimension]`.
  ///   - pooled: The accuracy of a head on all records in one hand without privacy, if known.
  ///   - progress: Hears the fraction done.
  /// - Returns: The row of a report, and the fused head.
  public func row(
    epsilon: Double, delta: Double, probe: Tensor, pooled: Double?,
    progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) async throws -> (row: RecordLevelRow, fused: LinearHead) {
    let joint = HeadTrainer.Settings.recommended(
      epsilon: epsilon, parties: shards.count, classes: classes)
    let single = HeadTrainer.Settings.recommended(epsilon: epsilon, parties: 1, classes: classes)
    let heads = try await heads(joint, epsilon: epsilon, delta: delta) { progress($0 / 2) }
    let alone = try await self.heads(single, epsilon: epsilon, delta: delta) {
      progress((1 + $0) / 2)
    }
    let procedure = try GaussianProcedure.calibrated(
      epsilon: epsilon, delta: delta, steps: joint.steps, sampling: .everyRecord)
    // What certificates would say: powers of two.
    let noise = shards.map { shard in
      HeadFilter.PartyNoise(
        steps: joint.steps, multiplier: procedure.noiseMultiplier, clip: joint.clip,
        records: DataSetSize.bucket(of: shard.count).middle)
    }
    let fused = try HeadFilter(probe: probe).fused(heads, floor: HeadFilter.floor(noise))
    let loss = try RecordLoss(of: procedure, delta: delta)
    let row = RecordLevelRow(
      epsilon: .init(
        unit: PrivacyUnit.record.rawValue, adjacency: loss.adjacency.rawValue,
        epsilon: loss.epsilon, delta: delta, mechanism: "discrete Gaussian",
        accountant: loss.accountant.rawValue),
      parties: try shards.indices.map { party in
        RecordLevelRow.Party(
          name: "party \(party + 1)", records: shards[party].count,
          accuracy: try accuracy(heads[party]), accuracyAlone: try accuracy(alone[party]))
      },
      ensemble: .init(accuracy: try ensembleAccuracy(heads)),
      fused: .init(accuracy: try accuracy(fused)),
      controls: .init(pooledWithoutPrivacy: pooled))
    return (row, fused)
  }

  /// The accuracy of one head on all parties' records in one hand, without any privacy: the control.
  public func pooledAccuracy() throws -> Double {
    let indices = shards.flatMap(\.self)
    let head = try LinearHead.withoutPrivacy(
      features: features.selecting(indices, axis: 0), labels: indices.map { labels[$0] },
      classes: classes, ridge: 1e-6)
    return try accuracy(head)
  }
}
