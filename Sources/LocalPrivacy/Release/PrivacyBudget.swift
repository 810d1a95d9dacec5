/// The greatest loss that a ledger may reach, and what that loss protects.
///
/// There is no budget for records here: randomising an already trained model does not by itself
/// bound what its data reveal to whoever trained it elsewhere, so this ledger claims none. Training
/// under a ``RecordLedger`` does.
public struct PrivacyBudget: Hashable, Sendable {
  public let unit: PrivacyUnit
  public let epsilon: Double
  /// 0 for a pure loss.
  public let delta: Double

  /// No single released value may lose more than epsilon, however many there are.
  ///
  /// - Throws: ``PrivacyError/lossOutOfRange(_:)`` unless epsilon is finite and above 0.
  public static func value(epsilon: Double) throws -> PrivacyBudget {
    try PrivacyBudget(unit: .value, epsilon: epsilon, delta: 0)
  }

  /// All released values together may lose (epsilon, delta) between any two models.
  ///
  /// - Throws: ``PrivacyError/lossOutOfRange(_:)`` unless epsilon is finite and above 0,
  ///   ``PrivacyError/deltaOutOfRange(_:)`` unless delta is in 0 ..< 1.
  public static func model(epsilon: Double, delta: Double) throws -> PrivacyBudget {
    try PrivacyBudget(unit: .model, epsilon: epsilon, delta: delta)
  }

  private init(unit: PrivacyUnit, epsilon: Double, delta: Double) throws {
    guard epsilon > 0, epsilon.isFinite else { throw PrivacyError.lossOutOfRange(epsilon) }
    guard delta >= 0, delta < 1 else { throw PrivacyError.deltaOutOfRange(delta) }
    self.unit = unit
    self.epsilon = epsilon
    self.delta = delta
  }

  /// Whether one more expenditure keeps within the budget.
  ///
  /// - Throws: ``PrivacyError/budgetExceeded(name:limit:after:)``.
  package func admit(_ expenditure: Expenditure, after earlier: [Expenditure]) throws {
    try admit([expenditure], after: earlier, as: expenditure.name)
  }

  /// Whether several more expenditures together keep within the budget.
  ///
  /// - Parameter name: What they are together.
  /// - Throws: ``PrivacyError/budgetExceeded(name:limit:after:)``.
  package func admit(
    _ expenditures: [Expenditure], after earlier: [Expenditure], as name: String
  ) throws {
    let after = try spent(by: earlier + expenditures)
    guard after <= epsilon else {
      throw PrivacyError.budgetExceeded(name: name, limit: epsilon, after: after)
    }
  }

  /// What the budget counts of some expenditures: a figure that holds when each loss is chosen after
  /// seeing all releases before it (``ComposedLoss/adaptive``).
  ///
  /// - Throws: ``PrivacyError/mixedUnits(_:_:)`` when some loss is about a record.
  package func spent(by expenditures: [Expenditure]) throws -> Double {
    let composition = try Composition(ofModel: expenditures)
    return unit == .value
      ? composition.greatestSingle : try composition.loss(delta: delta).adaptive
  }
}
