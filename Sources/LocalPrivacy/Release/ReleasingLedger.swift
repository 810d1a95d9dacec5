/// A ledger that debits a release before its noise is drawn, and gives the same outputs when asked
/// again.
///
/// ``BudgetLedger`` keeps its debits in memory; the durable one in LocalPrivacySQLite keeps them in
/// a file. A protocol between parties releases through either.
public protocol ReleasingLedger {
  /// Releases numbers, each by itself, or gives what was released under the name before.
  ///
  /// - Parameters:
  ///   - values: Clipped numbers, of shape `[n]` with n at least 1.
  ///   - mechanism: What randomises each of them.
  ///   - name: What they are.
  /// - Throws: ``PrivacyError`` when the release is refused, and what the ledger's storage throws.
  mutating func release(
    _ values: Clipped, through mechanism: NumericMechanism, as name: String
  ) throws -> Released

  /// Releases labels, each by itself, or gives what was released under the name before.
  ///
  /// - Parameters:
  ///   - labels: Categories in `0 ..< response.categories`, of shape `[n]` with n at least 1.
  ///   - response: What randomises each of them.
  ///   - name: What they are.
  /// - Throws: ``PrivacyError`` when the release is refused, and what the ledger's storage throws.
  mutating func release(
    _ labels: [Int], through response: RandomizedResponse, as name: String
  ) throws -> Released
}

extension BudgetLedger: ReleasingLedger {}
