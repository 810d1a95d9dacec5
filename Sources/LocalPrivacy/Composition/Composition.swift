/// Expenditures that are composed: releases of pure losses, whose inputs and mechanisms may depend on
/// the releases before them. Where the losses do, too, ``ComposedLoss/adaptive`` holds.
///
/// What the result protects is said by whoever composes, and there are two ways. Losses about
/// values and about models become one loss about a model (``init(ofModel:)``); losses about
/// records become one about a record (``init(ofRecord:)``). Nothing else composes: a loss about a
/// record says nothing of a model, nor the other way round.
public struct Composition: Sendable {
  /// What the composed loss protects: a model or a record.
  public let unit: PrivacyUnit
  /// Every loss with the number of its releases, increasing.
  let distinctLosses: [(epsilon: Double, count: Double)]

  /// The loss between any two models of a party.
  ///
  /// A conversion: all released values may differ between two models, whatever decided which value
  /// went where, so that the losses of single values add up to one of the model. A loss about a
  /// model counts as it is.
  ///
  /// - Parameter expenditures: Losses about values or models.
  /// - Throws: ``PrivacyError/mixedUnits(_:_:)`` when some loss is about a record.
  public init(ofModel expenditures: [Expenditure]) throws {
    try self.init(expenditures, unit: .model, from: [.value, .model])
  }

  /// The loss between two data sets of a party that differ in one person.
  ///
  /// - Parameter expenditures: Losses about records.
  /// - Throws: ``PrivacyError/mixedUnits(_:_:)`` when some loss is about something else.
  public init(ofRecord expenditures: [Expenditure]) throws {
    try self.init(expenditures, unit: .record, from: [.record])
  }

  private init(
    _ expenditures: [Expenditure], unit: PrivacyUnit, from units: Set<PrivacyUnit>
  ) throws {
    if let other = expenditures.first(where: { !units.contains($0.unit) }) {
      throw PrivacyError.mixedUnits(unit, other.unit)
    }
    self.unit = unit
    var counts: [Double: Double] = [:]
    for expenditure in expenditures {
      counts[expenditure.epsilon] = UpwardArithmetic.sum(
        counts[expenditure.epsilon, default: 0], Double(expenditure.count))
    }
    distinctLosses = counts.sorted { $0.key < $1.key }
      .map { (epsilon: $0.key, count: $0.value) }
  }

  /// The loss of a single value, label or answer: the greatest one.
  public var greatestSingle: Double { distinctLosses.last?.epsilon ?? 0 }

  /// The sum of all losses.
  ///
  /// Dwork, Roth 2014, Theorem 3.16.
  public var basic: Double {
    distinctLosses.reduce(0) {
      UpwardArithmetic.sum($0, UpwardArithmetic.product($1.count, $1.epsilon))
    }
  }

  /// The zero-concentrated loss: a pure epsilon has rho = epsilon^2 / 2.
  ///
  /// Bun, Steinke 2016, Proposition 1.4.
  public var rho: Double {
    distinctLosses.reduce(0) { sum, entry in
      let square = UpwardArithmetic.product(entry.epsilon, entry.epsilon)
      return UpwardArithmetic.sum(sum, UpwardArithmetic.product(entry.count, square) / 2)
    }
  }

  /// All bounds of the composed loss.
  ///
  /// - Parameter delta: The probability of failure, in 0 ..< 1.
  /// - Throws: ``PrivacyError/deltaOutOfRange(_:)``.
  /// - Complexity: O(expenditures), and O(square root of the releases) when all losses are equal.
  public func loss(delta: Double) throws -> ComposedLoss {
    guard delta >= 0, delta < 1 else { throw PrivacyError.deltaOutOfRange(delta) }
    guard delta > 0, !distinctLosses.isEmpty else {
      return ComposedLoss(
        unit: unit, delta: delta, basic: basic, zcdp: nil, renyi: nil, optimal: nil)
    }
    let zcdp = RenyiConversion.epsilon(delta: delta) { [rho] alpha in rho * alpha }
    let renyi = RenyiConversion.epsilon(delta: delta) { [distinctLosses] alpha in
      distinctLosses.reduce(0) {
        $0 + $1.count * RenyiConversion.randomizedResponse(epsilon: $1.epsilon, alpha: alpha)
      }
    }
    let optimal =
      distinctLosses.count == 1
      ? OptimalComposition(
        epsilon: distinctLosses[0].epsilon, count: distinctLosses[0].count
      )
      .epsilon(delta: delta) : nil
    return ComposedLoss(
      unit: unit, delta: delta, basic: basic, zcdp: UpwardArithmetic.bound(zcdp),
      renyi: UpwardArithmetic.bound(renyi), optimal: optimal)
  }
}
