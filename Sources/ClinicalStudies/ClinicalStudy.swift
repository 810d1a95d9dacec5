internal import Evaluation
internal import PrivateTraining
internal import Tensors

/// Hospitals that train heads with record-level privacy on one public trunk, before and after
/// fusing.
///
/// The trunk is learnt from the probe's inputs, which are taken for public. A party's figure before
/// fusing and the head that it gives to the fusion are two uses of one loss: it would do one or the
/// other.
public struct ClinicalStudy: Sendable {
  /// The probability of failure in every party's loss: below 1 / n^1.1 for all parties here.
  public static let delta = 1e-5

  /// How many numbers describe a record. Hundreds of records teach no more than that much: on
  /// labelled public sets, 64 beat 200 and 400 at every epsilon up to 3.
  static let dimension = 64

  public let records: ClinicalRecords
  public let seed: UInt64

  /// - Parameters:
  ///   - records: The data set.
  ///   - seed: Decides the deal and the trunk, but not the noise, which is fresh every time.
  public init(_ records: ClinicalRecords, seed: UInt64) {
    self.records = records
    self.seed = seed
  }

  /// A row for every epsilon.
  ///
  /// - Parameters:
  ///   - epsilons: Every party's loss for a record, each above 0.
  ///   - progress: Hears the fraction done.
  /// - Throws: ``ClinicalError/tooFewRecords(found:)``; `PrivacyError` when no noise gives a loss.
  public func rows(
    epsilons: [Double], progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) async throws -> [ClinicalRow] {
    let deal = try records.deal(seed: seed)
    let probe = try records.inputs.selecting(deal.probe, axis: 0)
    let kind = PublicFeatures.Kind(rank: probe.rank) ?? .table
    let trunk = try PublicFeatures(dimension: Self.dimension, seed: seed)
      .trunk(learntFrom: probe)
    let features = try FeatureMap(trunk).features(["x": records.inputs])
    let test = ClinicalTest(
      features: try features.selecting(deal.test, axis: 0),
      labels: deal.test.map { records.labels[$0] })
    let study = RecordStudy(
      features: features, labels: records.labels, shards: deal.parties,
      testFeatures: test.features, testLabels: try Tensor(indices: test.labels),
      classes: records.classes)
    let filter = try HeadFilter(probe: features.selecting(deal.probe, axis: 0))
    let pool = deal.parties.flatMap { $0 }
    let pooled = try LinearHead.withoutPrivacy(
      features: features.selecting(pool, axis: 0), labels: pool.map { records.labels[$0] },
      classes: records.classes)
    let controls = ClinicalRow.Controls(
      pooledWithoutPrivacy: try test.score([pooled]), majority: test.majority)
    var rows: [ClinicalRow] = []
    for (index, epsilon) in epsilons.enumerated() {
      let part = { @Sendable (half: Double, fraction: Double) in
        progress((Double(index) + (half + fraction) / 2) / Double(epsilons.count))
      }
      let settings = ClinicalSettings(for: kind, epsilon: epsilon)
      let given = try await study.heads(
        settings.fused, epsilon: epsilon, delta: Self.delta
      ) { part(0, $0) }
      let alone = try await study.heads(
        settings.alone, epsilon: epsilon, delta: Self.delta
      ) { part(1, $0) }
      let finish = { (heads: [LinearHead]) in
        guard let floor = settings.filterFloor else { return try LinearHead.average(heads) }
        return try filter.fused(heads, floor: floor)
      }
      let fused = try finish(given)
      let ensemble = try given.map { try finish([$0]) }
      rows.append(
        ClinicalRow(
          dataSet: records.name, seed: seed, epsilon: epsilon, delta: Self.delta,
          parties: try deal.parties.indices.map { party in
            let kind = records.ownKind(party, among: deal.test)
            return ClinicalRow.Party(
              name: deal.names[party], records: deal.parties[party].count,
              before: try test.score([alone[party]]), after: try test.score([fused]),
              beforeOwnKind: try kind.flatMap { try test.score([alone[party]], on: $0) },
              afterOwnKind: try kind.flatMap { try test.score([fused], on: $0) })
          },
          ensemble: try test.score(ensemble), fused: try test.score([fused]), controls: controls))
    }
    return rows
  }
}
