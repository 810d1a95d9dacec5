public import Tensors

/// How well scores put the samples of a class before all others.
///
/// Unlike accuracy, it does not reward a model for naming the commonest class always, and needs no
/// threshold.
public struct RankScore: Sendable, Equatable, Codable {
  /// The area under the receiver operating characteristic, from 0 to 1, 0.5 being chance: for two
  /// classes that of class 1, for more the mean over classes of each against all others.
  public let auroc: Double

  /// - Parameters:
  ///   - probabilities: Shape `[m, classes]`, with at least two classes.
  ///   - labels: Integers of shape `[m]` from 0.
  /// - Throws: ``EvaluationError/noSamples`` when `m` is 0,
  ///   ``EvaluationError/probabilityShape(expected:found:)`` when the shapes do not belong
  ///   together, ``EvaluationError/labelRange(classes:)`` when a label is not below the number of
  ///   classes, ``EvaluationError/notFinite`` when a probability is infinite or NaN, and
  ///   ``EvaluationError/oneClass(class:)`` when samples of a class, or of all others, are missing.
  public init(probabilities: Tensor, labels: Tensor) throws {
    let truth: [Int64] = try labels.cast(to: .int64).elements()
    guard !truth.isEmpty else { throw EvaluationError.noSamples }
    let shape = probabilities.shape
    guard shape.count == 2, shape[0] == truth.count, shape[1] > 1 else {
      throw EvaluationError.probabilityShape(
        expected: [truth.count, max(shape.last ?? 0, 2)], found: shape)
    }
    let classes = shape[1]
    guard truth.allSatisfy({ (0..<Int64(classes)).contains($0) }) else {
      throw EvaluationError.labelRange(classes: classes)
    }
    guard try probabilities.isFinite() else { throw EvaluationError.notFinite }
    let rows: [Double] = try probabilities.cast(to: .float64).elements()
    let scored = classes == 2 ? 1..<2 : 0..<classes
    let areas = try scored.map { label -> Double in
      let area = Self.auroc(
        scores: stride(from: label, to: rows.count, by: classes).map { rows[$0] },
        positives: truth.map { $0 == Int64(label) })
      guard let area else { throw EvaluationError.oneClass(class: label) }
      return area
    }
    auroc = areas.reduce(0, +) / Double(areas.count)
  }

  /// The chance that a positive sample scores above a negative one, ties counting half.
  ///
  ///     AUROC = (sum of the positives' ranks - p (p + 1) / 2) / (p q)
  ///
  /// for p positives and q negatives, tied samples having the mean of their ranks. Hanley & McNeil
  /// 1982, section III; the statistic is Mann and Whitney's U over p q.
  ///
  /// - Parameters:
  ///   - scores: Numbers in any unit, none NaN; the higher, the likelier positive.
  ///   - positives: Whether each sample is positive.
  /// - Returns: From 0 to 1; `nil` when no sample is positive or all are.
  /// - Complexity: O(m log m).
  public static func auroc(scores: [Double], positives: [Bool]) -> Double? {
    precondition(scores.count == positives.count, "one score a sample is needed")
    precondition(!scores.contains { $0.isNaN }, "a score that is NaN has no rank")
    let positiveCount = positives.count { $0 }
    let negativeCount = positives.count - positiveCount
    guard positiveCount > 0, negativeCount > 0 else { return nil }
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    var rankSum = 0.0
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, scores[order[end]] == scores[order[start]] { end += 1 }
      // Ranks count from 1: the tied ones are start + 1 ... end.
      let rank = Double(start + 1 + end) / 2
      rankSum += rank * Double(order[start..<end].count { positives[$0] })
      start = end
    }
    let least = Double(positiveCount) * Double(positiveCount + 1) / 2
    return (rankSum - least) / (Double(positiveCount) * Double(negativeCount))
  }
}
