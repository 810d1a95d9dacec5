internal import Evaluation
internal import PrivateTraining
internal import Tensors

/// The samples that heads are measured on.
struct ClinicalTest {
  /// Shape `[samples, dimension]`.
  let features: Tensor
  let labels: [Int]

  /// The share of the commonest class.
  var majority: Double {
    let counts = Dictionary(grouping: labels) { $0 }.values.map(\.count)
    return Double(counts.max() ?? 0) / Double(max(labels.count, 1))
  }

  /// The score of the mean of the heads' probabilities.
  func score(_ heads: [LinearHead]) throws -> ClinicalRow.Score {
    try score(heads, features, labels)
  }

  /// The score on some of the samples; `nil` when there are none.
  func score(_ heads: [LinearHead], on samples: [Int]) throws -> ClinicalRow.Score? {
    guard !samples.isEmpty else { return nil }
    return try score(
      heads, features.selecting(samples, axis: 0), samples.map { labels[$0] })
  }

  private func score(
    _ heads: [LinearHead], _ features: Tensor, _ labels: [Int]
  ) throws -> ClinicalRow.Score {
    var sum = try heads[0].logits(features).softmax(axis: 1)
    for head in heads.dropFirst() { sum = try sum.adding(head.logits(features).softmax(axis: 1)) }
    let mean = try sum.divided(by: Double(heads.count))
    let good: [Double] = try mean.slice(0..<1, axis: 1).cast(to: .float64).elements()
    return ClinicalRow.Score(
      accuracy: try ModelScore(probabilities: mean, labels: Tensor(indices: labels)).accuracy,
      auroc: RankScore.auroc(scores: good.map { -$0 }, positives: labels.map { $0 != 0 }))
  }
}
