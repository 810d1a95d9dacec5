/// One debit: how often a pure loss was spent, and on what.
public struct Expenditure: Hashable, Sendable {
  public let name: String
  /// The number of values released under that name, each at ``epsilon``.
  public let count: Int
  /// The pure loss of one of them, rounded up.
  public let epsilon: Double
  /// What one loss protects: a value, or a record for a whole answer about records.
  public let unit: PrivacyUnit
  public let mechanismName: String
  /// The public numbers that fix the mechanism; nil where they were not recorded.
  public let parameters: MechanismParameters?

  /// - Parameters:
  ///   - name: What was released; not empty.
  ///   - count: The number of values, at least 1.
  ///   - epsilon: The pure loss of one of them, rounded up; finite and above 0.
  ///   - unit: What one loss protects.
  ///   - mechanismName: What drew the noise, in words, for reports.
  ///   - parameters: The public numbers that fix the mechanism; nil where they are not recorded.
  /// - Throws: ``PrivacyError/emptyRelease`` without a name or a value, and
  ///   ``PrivacyError/lossOutOfRange(_:)``.
  public init(
    name: String, count: Int, epsilon: Double, unit: PrivacyUnit, mechanismName: String,
    parameters: MechanismParameters? = nil
  ) throws {
    guard count >= 1, !name.isEmpty else { throw PrivacyError.emptyRelease }
    guard epsilon > 0, epsilon.isFinite else { throw PrivacyError.lossOutOfRange(epsilon) }
    self.name = name
    self.count = count
    self.epsilon = epsilon
    self.unit = unit
    self.mechanismName = mechanismName
    self.parameters = parameters
  }
}
