internal import Evaluation

/// A comparison as a person reads it.
enum MergeTable {
  static func text<Model>(_ comparison: MergeComparison<Model>, path: MergePath?) -> String {
    let measure =
      switch comparison.reference {
      case .labels: "Accuracy"
      case .ensemble: "Agreement with the ensemble"
      case .votes: "Agreement with the released votes"
      }
    var rows = [["Model", measure, "Cross-entropy", ""]]
    for row in comparison.rows {
      rows.append([
        row.model.role.name,
        Text.percent(row.scores.accuracy) + " +- "
          + Text.decimal(100 * PairedDifference(row.scores.correct).standardError, 1),
        Text.decimal(row.scores.loss, 3),
        remark(row.model.role, isReleased: Model.self == ReleasedModel.self),
      ])
    }
    var lines = ["On \(comparison.sampleCount) held-out samples:", Text.table(rows)]
    if let path { lines += self.lines(path) }
    let advice = comparison.recommendation
    let words =
      switch advice.advice {
      case .fuse: "fuse"
      case .takeAverage: "take the average"
      case .takeParent: "take \(advice.model.role.name)"
      case .keepEnsemble: "keep the ensemble"
      case .trainMore: "train more"
      }
    lines.append("Recommendation: \(words). \(advice.reason).")
    return lines.joined(separator: "\n")
  }

  /// With a heading that says whom it is for.
  static func owners(_ owners: OwnersComparison) -> String {
    """
    FOR THE OWNERS OF THE MODELS ALONE: what follows was computed from clean models, is not covered by \
    epsilon, and must not be passed on.
    \(text(owners.comparison, path: owners.path))
    """
  }

  private static func remark(_ role: MergeRole, isReleased: Bool) -> String {
    switch role {
    case .fused: "what was fused"
    case .average: isReleased ? "of matched weights as released" : "of weights as they come"
    case .parent: "alone"
    case .ensemble: "all models together"
    }
  }

  private static func lines(_ path: MergePath) -> [String] {
    var result = [
      "Loss barrier \(path.before.line == nil ? "towards the parents' mean" : "between the parents"), "
        + "in nats: \(Text.decimal(path.before.barrier, 3)) before matching, "
        + "\(Text.decimal(path.after.barrier, 3)) after"
    ]
    for (name, losses) in [("before", path.before.line), ("after", path.after.line)] {
      guard let losses else { continue }
      result.append(
        "  \(name), from party 1 to party 2: "
          + losses.map { Text.decimal($0, 2) }.joined(separator: " "))
    }
    result.append(
      "Distance of the parents' weights: \(Text.decimal(path.distanceBefore, 2)) before matching, "
        + "\(Text.decimal(path.distanceAfter, 2)) after")
    result.append(
      "Cycle error of the matching: 0, since all are matched to one universe"
        + (path.pairwiseCycleError.map {
          "; \(Text.decimal(100 * $0, 1)) % where every pair is matched by itself"
        } ?? ""))
    return result
  }
}
