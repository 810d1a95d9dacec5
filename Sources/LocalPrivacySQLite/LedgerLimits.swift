public import LocalPrivacy

/// The greatest losses that a ledger allows, for good: they are written when it is made, and no
/// one has a default.
///
/// The two kinds do not add up: a loss about records bounds what the data of one person can
/// change, a loss of values what one released number says.
public struct LedgerLimits: Hashable, Sendable {
  /// The limit of all record-level releases together; nil allows none.
  public let records: RecordBudget?
  /// The limit of released values, for each by itself or for the whole model; nil allows none.
  public let values: PrivacyBudget?
  /// The greatest epsilon of all debits for a purpose, counted as the limit of their unit is and
  /// within it. Debits for no purpose count for none.
  public let purposes: [LedgerPurpose: Double]

  /// - Parameters:
  ///   - records: The limit of all record-level releases together, or nil to allow none.
  ///   - values: The limit of released values, or nil to allow none.
  ///   - purposes: The greatest epsilon of all debits for a purpose; those left out have only the
  ///     limit of their unit.
  /// - Throws: ``LedgerError/noLimits`` when both are nil; `PrivacyError.lossOutOfRange` for a
  ///   purpose's epsilon that is not finite and above 0.
  public init(
    records: RecordBudget?, values: PrivacyBudget?, purposes: [LedgerPurpose: Double] = [:]
  ) throws {
    guard records != nil || values != nil else { throw LedgerError.noLimits }
    if let wrong = purposes.values.first(where: { !($0 > 0 && $0.isFinite) }) {
      throw PrivacyError.lossOutOfRange(wrong)
    }
    self.purposes = purposes
    self.records = records
    self.values = values
  }
}

extension LedgerLimits: Codable {
  private enum CodingKeys: String, CodingKey {
    case records, values, purposes
  }

  private struct ValueLimit: Codable {
    let unit: String
    let epsilon: Double
    let delta: Double
  }

  /// - Throws: As the other initialiser, and a `DecodingError` for another shape.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let values = try container.decodeIfPresent(ValueLimit.self, forKey: .values).map { limit in
      switch PrivacyUnit(rawValue: limit.unit) {
      case .value where limit.delta == 0: try PrivacyBudget.value(epsilon: limit.epsilon)
      case .model: try PrivacyBudget.model(epsilon: limit.epsilon, delta: limit.delta)
      default:
        throw DecodingError.dataCorruptedError(
          forKey: .values, in: container, debugDescription: "no limit of values")
      }
    }
    let purposes =
      try container.decodeIfPresent([String: Double].self, forKey: .purposes) ?? [:]
    try self.init(
      records: try container.decodeIfPresent(RecordBudget.self, forKey: .records), values: values,
      purposes: .init(
        uniqueKeysWithValues: try purposes.map { (try LedgerPurpose($0.key), $0.value) }))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(records, forKey: .records)
    try container.encodeIfPresent(
      values.map { ValueLimit(unit: $0.unit.rawValue, epsilon: $0.epsilon, delta: $0.delta) },
      forKey: .values)
    // The first format has no purposes, and none are written like that.
    guard !purposes.isEmpty else { return }
    try container.encode(
      [String: Double](uniqueKeysWithValues: purposes.map { ($0.key.rawValue, $0.value) }),
      forKey: .purposes)
  }
}
