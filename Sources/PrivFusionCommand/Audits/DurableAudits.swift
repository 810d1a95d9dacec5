internal import Foundation
internal import LocalPrivacy
internal import LocalPrivacySQLite
internal import PrivacyAudit

/// Releases through durable ledgers in a folder of their own: drawn, stored, read back.
struct DurableAudits {
  private let folder: URL

  /// - Throws: As ``TemporaryFolder/make()``.
  init() throws { folder = try TemporaryFolder.make() }

  /// What the protocol releases through: numbers by the mechanism that it would choose, and votes.
  func releases(epsilon: Double) throws -> [AuditedRelease] {
    let folder = folder
    let budget = try LedgerLimits(records: nil, values: .value(epsilon: epsilon))
    let ledger: @Sendable () throws -> any ReleasingLedger = {
      let path = folder.appending(path: UUID().uuidString).path
      return DurableReleases(
        try DurableLedger.create(at: path, limits: budget), payingAgain: false)
    }
    let note = ", durable ledger"
    return [
      try .numbers(
        through: .leastMeanVariance(epsilon: epsilon, clip: 2), note: note, in: ledger),
      .labels(
        through: try RandomizedResponse(categories: 10, epsilon: epsilon), note: note, in: ledger),
    ]
  }
}
