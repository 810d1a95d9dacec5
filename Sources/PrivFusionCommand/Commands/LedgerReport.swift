internal import Foundation
internal import LocalPrivacy
internal import LocalPrivacySQLite

/// What `ledger create` and `ledger show` say.
struct LedgerReport: Encodable {
  struct Account: Encodable {
    let unit: String
    let epsilon: Double
    let delta: Double
    let spent: Double
    let left: Double
  }

  /// A limit of one purpose, within that of its unit.
  struct Purpose: Encodable {
    let purpose: String
    let epsilon: Double
    let spent: Double
    let left: Double
  }

  struct Entry: Encodable {
    let entry: Int
    let time: String
    let name: String
    let unit: String
    let epsilon: Double
    let delta: Double
    /// The number of values at that epsilon each; nil for a loss about records.
    let values: Int?
    /// What it was for; nil where that was not said.
    let purpose: String?
    let fingerprint: String
    let completed: Bool
  }

  let file: String
  let created: String
  let publicKey: String
  let keyFingerprint: String
  let accounts: [Account]
  let purposes: [Purpose]
  let entries: [Entry]
  let chainLength: Int
  let genesis: String
  let head: String

  init(_ statement: LedgerStatement, file: String) throws {
    self.file = file
    created = Self.time(statement.created)
    publicKey = statement.publicKey.rawRepresentation.map { String(format: "%02x", $0) }.joined()
    keyFingerprint = statement.publicKey.fingerprint
    var accounts: [Account] = []
    if let limit = statement.limits.records, let spent = statement.spentOnRecords {
      accounts.append(
        Account(
          unit: PrivacyUnit.record.rawValue, epsilon: limit.epsilon, delta: limit.delta,
          spent: spent.epsilon, left: max(0, limit.epsilon - spent.epsilon)))
    }
    if let limit = statement.limits.values, let spent = statement.spentOnValues {
      // A limit for single values is not used up: every value may lose as much again.
      accounts.append(
        Account(
          unit: limit.unit.rawValue, epsilon: limit.epsilon, delta: limit.delta, spent: spent,
          left: limit.unit == .value ? limit.epsilon : max(0, limit.epsilon - spent)))
    }
    self.accounts = accounts
    let isOfEachValue = statement.limits.values?.unit == .value && statement.limits.records == nil
    purposes = try statement.limits.purposes.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { purpose, epsilon in
        let spent = try statement.spent(for: purpose)
        return Purpose(
          purpose: purpose.rawValue, epsilon: epsilon, spent: spent,
          left: isOfEachValue ? epsilon : max(0, epsilon - spent))
      }
    entries = statement.entries.map { entry in
      let (epsilon, delta, values): (Double, Double, Int?) =
        switch entry.loss {
        case .record(let loss): (loss.epsilon, loss.delta, nil)
        case .values(let expenditure): (expenditure.epsilon, 0, expenditure.count)
        }
      return Entry(
        entry: entry.id.number, time: Self.time(entry.time), name: entry.name,
        unit: entry.unit.rawValue, epsilon: epsilon, delta: delta, values: values,
        purpose: entry.purpose?.rawValue, fingerprint: entry.fingerprint,
        completed: entry.isCompleted)
    }
    chainLength = statement.chainLength
    genesis = statement.genesis
    head = statement.head
  }

  var text: String {
    var lines = ["\(file): made \(created)", "key \(keyFingerprint)", "", "Limits"]
    lines.append(
      Text.table(
        accounts.map { account in
          [
            account.unit, "epsilon \(Text.epsilon(account.epsilon))",
            account.delta > 0 ? "delta \(account.delta)" : "",
            "spent \(Text.epsilon(account.spent))", "left \(Text.epsilon(account.left))",
          ]
        }))
    if !purposes.isEmpty {
      lines.append(
        Text.table(
          purposes.map {
            [
              "of these for \($0.purpose)", "epsilon \(Text.epsilon($0.epsilon))",
              "spent \(Text.epsilon($0.spent))", "left \(Text.epsilon($0.left))",
            ]
          }))
    }
    lines += ["", "Entries"]
    lines.append(
      entries.isEmpty
        ? "  none"
        : Text.table(
          entries.map { entry in
            [
              "\(entry.entry)", entry.time,
              entry.values.map { "\($0) x \(entry.unit)" } ?? entry.unit,
              "epsilon \(Text.epsilon(entry.epsilon))",
              entry.delta > 0 ? "delta \(entry.delta)" : "",
              entry.completed ? "completed" : "NO RESULT, stays spent",
              // With control characters escaped: a name is any text.
              entry.name.debugDescription,
            ]
          }))
    lines += ["", "head \(head)", "Keep an anchor elsewhere: only it shows an older copy."]
    return lines.joined(separator: "\n")
  }

  private static func time(_ seconds: Int) -> String {
    Date(timeIntervalSince1970: TimeInterval(seconds)).ISO8601Format()
  }
}
