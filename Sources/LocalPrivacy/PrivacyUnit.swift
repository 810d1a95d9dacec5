/// What two neighbouring inputs differ in: the thing that a loss protects.
public enum PrivacyUnit: String, Sendable, Hashable, CaseIterable, Codable {
  /// One released number, taken alone, may be any number.
  case value
  /// All numbers of a party may be any others: the whole model is the record.
  case model
  /// The data sets of a party differ in one person.
  case record
}
