/// One bound of a composed loss: how it was computed, and what it is.
public struct LossBound: Hashable, Sendable {
  /// What the loss protects.
  public let unit: PrivacyUnit
  /// How the losses were put together.
  public let method: String
  /// Rounded up; finite and at least 0.
  public let epsilon: Double
  /// The probability with which the loss may be greater; 0 for a pure loss.
  public let delta: Double

  /// All bounds of losses of values.
  static func all(of loss: ComposedLoss) -> [LossBound] {
    let bounds: [(String, Double?, Double)] = [
      ("sum", loss.basic, 0),
      ("zero-concentrated", loss.zcdp, loss.delta),
      ("Rényi divergence", loss.renyi, loss.delta),
      ("optimal for equal losses", loss.optimal, loss.delta),
    ]
    return bounds.compactMap { method, epsilon, delta in
      epsilon.map { LossBound(unit: loss.unit, method: method, epsilon: $0, delta: delta) }
    }
  }

  /// The bound of a single loss about records.
  static func all(of loss: RecordLoss) -> [LossBound] {
    [
      LossBound(
        unit: .record, method: loss.accountant.rawValue, epsilon: loss.epsilon, delta: loss.delta)
    ]
  }

  /// The bound of all losses about records together.
  static func all(of loss: ComposedRecordLoss) -> [LossBound] {
    [
      LossBound(
        unit: .record, method: loss.method.rawValue, epsilon: loss.epsilon, delta: loss.delta)
    ]
  }
}

extension [LossBound] {
  /// The least of the bounds for each unit, in the order in which the units come first.
  var tightest: [LossBound] {
    var least: [LossBound] = []
    for bound in self {
      guard let index = least.firstIndex(where: { $0.unit == bound.unit }) else {
        least.append(bound)
        continue
      }
      if bound.epsilon < least[index].epsilon { least[index] = bound }
    }
    return least
  }

  var isSane: Bool {
    allSatisfy {
      $0.epsilon >= 0 && $0.epsilon.isFinite && $0.delta >= 0 && $0.delta < 1
    }
  }
}
