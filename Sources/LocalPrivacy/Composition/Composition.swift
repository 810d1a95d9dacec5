/// Expenditures that are composed: independent or adaptively chosen releases of pure losses.
///
/// Losses of single values compose to the loss between any two models, whatever decided which
/// value went where; losses about records compose to a loss about records.
public struct Composition: Sendable {
  /// What the composed loss protects.
  public let unit: PrivacyUnit
  /// The number of releases for each distinct loss.
  private let counts: [(epsilon: Double, count: Double)]

  /// - Throws: ``PrivacyError/mixedUnits(_:_:)`` when some protect records and others do not.
  public init(_ expenditures: [Expenditure]) throws {
    let units = Set(expenditures.map(\.unit))
    if units.contains(.record), let other = units.first(where: { $0 != .record }) {
      throw PrivacyError.mixedUnits(.record, other)
    }
    unit = units.contains(.record) ? .record : .model
    var counts: [Double: Double] = [:]
    for expenditure in expenditures {
      counts[expenditure.epsilon] = UpwardArithmetic.sum(
        counts[expenditure.epsilon, default: 0], Double(expenditure.count))
    }
    self.counts = counts.sorted { $0.key < $1.key }.map { (epsilon: $0.key, count: $0.value) }
  }

  /// The loss of a single value, label or answer: the greatest one.
  public var greatestSingle: Double { counts.last?.epsilon ?? 0 }

  /// The sum of all losses.
  ///
  /// Dwork, Roth 2014, Theorem 3.16.
  public var basic: Double {
    counts.reduce(0) {
      UpwardArithmetic.sum($0, UpwardArithmetic.product($1.count, $1.epsilon))
    }
  }

  /// The zero-concentrated loss: a pure epsilon has rho = epsilon^2 / 2.
  ///
  /// Bun, Steinke 2016, Proposition 1.4.
  public var rho: Double {
    counts.reduce(0) { sum, entry in
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
    guard delta > 0, !counts.isEmpty else {
      return ComposedLoss(
        unit: unit, delta: delta, basic: basic, zcdp: nil, renyi: nil, optimal: nil)
    }
    let zcdp = RenyiConversion.epsilon(delta: delta) { [rho] alpha in rho * alpha }
    let renyi = RenyiConversion.epsilon(delta: delta) { [counts] alpha in
      counts.reduce(0) {
        $0 + $1.count * RenyiConversion.randomizedResponse(epsilon: $1.epsilon, alpha: alpha)
      }
    }
    let optimal =
      counts.count == 1
      ? OptimalComposition(epsilon: counts[0].epsilon, count: counts[0].count)
        .epsilon(delta: delta) : nil
    return ComposedLoss(
      unit: unit, delta: delta, basic: basic, zcdp: UpwardArithmetic.bound(zcdp),
      renyi: UpwardArithmetic.bound(renyi), optimal: optimal)
  }
}
