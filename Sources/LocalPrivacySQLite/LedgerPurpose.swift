/// What a debit is for, so that a limit can hold for one kind of release.
///
/// It is public: it stands in the ledger and its exports as it is.
public struct LedgerPurpose: Hashable, Sendable, CustomStringConvertible {
  /// From 1 to 32 of `a` ... `z`, `0` ... `9` and `-`.
  public let rawValue: String

  /// The names of the neurons that a party sends before alignment, with its votes.
  public static let signature = LedgerPurpose(valid: "signature")
  /// A party's aligned weights.
  public static let weights = LedgerPurpose(valid: "weights")
  /// A linear head on public features.
  public static let head = LedgerPurpose(valid: "head")
  /// A whole network trained with record-level privacy.
  public static let network = LedgerPurpose(valid: "network")

  /// - Parameter rawValue: As ``rawValue``.
  /// - Throws: ``LedgerError/purpose(_:)`` for another text.
  public init(_ rawValue: String) throws {
    let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789-".utf8)
    guard (1...32).contains(rawValue.utf8.count), rawValue.utf8.allSatisfy(allowed.contains) else {
      throw LedgerError.purpose(rawValue)
    }
    self.rawValue = rawValue
  }

  private init(valid rawValue: String) { self.rawValue = rawValue }

  public var description: String { rawValue }
}
