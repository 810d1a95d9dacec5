/// The greatest loss about one record that a ledger may reach.
public struct RecordBudget: Hashable, Sendable {
  /// Finite and above 0.
  public let epsilon: Double
  /// In 1e-100 ... 0.5.
  public let delta: Double
  /// What the loss protects.
  public var unit: PrivacyUnit { .record }

  /// - Parameters:
  ///   - epsilon: Finite and above 0.
  ///   - delta: In 1e-100 ... 0.5; below one over the number of records to mean anything.
  /// - Throws: ``PrivacyError/lossOutOfRange(_:)``, ``PrivacyError/recordDeltaOutOfRange(_:)``.
  public init(epsilon: Double, delta: Double) throws {
    guard epsilon > 0, epsilon.isFinite else { throw PrivacyError.lossOutOfRange(epsilon) }
    try RecordLoss.check(delta: delta)
    self.epsilon = epsilon
    self.delta = delta
  }
}

extension RecordBudget: Codable {
  private enum CodingKeys: String, CodingKey {
    case epsilon, delta
  }

  /// - Throws: As the other initialiser, and a `DecodingError` for another shape.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      epsilon: try container.decode(Double.self, forKey: .epsilon),
      delta: try container.decode(Double.self, forKey: .delta))
  }
}
