internal import Foundation

/// What to do with models that could be fused.
public enum MergeAdvice: String, Sendable, Encodable {
  case fuse
  case takeAverage = "take-average"
  case takeParent = "take-parent"
  case keepEnsemble = "keep-ensemble"
  case trainMore = "train-more"
}

/// Which model to use, and why.
///
/// A model takes the place of the fused one only where it is better beyond chance: a difference
/// within two standard errors is none.
public struct MergeRecommendation<Model: ComparedModel>: Sendable {
  public let advice: MergeAdvice
  /// The model to use; with the advice to train more, the one that would be used otherwise.
  public let model: Model
  /// In words, with the difference that decided and its standard error.
  public let reason: String

  init(
    _ rows: [MergeComparison<Model>.Row], reference: MergeReference,
    withoutParents: [MergeComparison<Model>.WithoutParent], commonest: [Double]?
  ) {
    guard let fused = rows.first(where: { $0.model.role == .fused }) else {
      preconditionFailure("the fused model is compared")
    }
    let singles = rows.filter { $0.model.role != .ensemble && $0.model.role != .fused }
    let rival = singles.max { $0.scores.accuracy < $1.scores.accuracy }
    let measure = Self.measure(reference)
    var (best, why) = (fused, "nothing else was compared")
    if let rival {
      let difference = PairedDifference(rival.scores, fused.scores)
      let words = "\(rival.model.role.name) \(measure) \(Self.points(difference)) the fused model"
      why =
        difference.mean <= 0
        ? "\(words); no single model is better" : "\(words), which is within chance"
      if difference.isWin {
        if reference == .ensemble, case .parent(let index) = rival.model.role,
          !(withoutParents.indices.contains(index)
            && PairedDifference(withoutParents[index].parent, withoutParents[index].fused).isWin)
        {
          why =
            "\(words), but is part of the ensemble; by the other parties' ensemble it is not better; "
            + "labels would tell more"
        } else {
          (best, why) = (rival, words)
        }
      }
    }
    // Judged by the ensemble itself, nothing is better than it.
    if reference != .ensemble, let ensemble = rows.first(where: { $0.model.role == .ensemble }) {
      let difference = PairedDifference(ensemble.scores, best.scores)
      let words =
        "the ensemble \(measure) \(Self.points(difference)) "
        + (best.model.role == .fused ? "the fused model" : best.model.role.name)
      if difference.isWin {
        (best, why) = (ensemble, "\(words), at the size and time of all parties' models")
      } else {
        why += "; \(words), which is \(difference.mean > 0 ? "within chance" : "no gain")"
      }
    }
    model = best.model
    if let commonest {
      let difference = PairedDifference(zip(best.scores.correct, commonest).map { $0 - $1 })
      guard difference.isWin else {
        advice = .trainMore
        reason =
          "\(best.model.role.name) \(measure) \(Self.points(difference)) always answering with the "
          + "commonest class: no model has learnt the task"
        return
      }
    }
    reason = why
    switch best.model.role {
    case .fused: advice = .fuse
    case .average: advice = .takeAverage
    case .parent: advice = .takeParent
    case .ensemble: advice = .keepEnsemble
    }
  }

  private static func measure(_ reference: MergeReference) -> String {
    switch reference {
    case .labels: "is right at"
    case .ensemble: "agrees with the ensemble at"
    case .votes: "agrees with the released votes at"
    }
  }

  /// Such as `1.3 +- 0.4 points more samples than`.
  private static func points(_ difference: PairedDifference) -> String {
    let size = String(format: "%.1f", abs(100 * difference.mean))
    let error = String(format: "%.1f", 100 * difference.standardError)
    return "\(size) +- \(error) points \(difference.mean < 0 ? "fewer" : "more") samples than"
  }
}

extension MergeRecommendation: Encodable where Model: Encodable {}
