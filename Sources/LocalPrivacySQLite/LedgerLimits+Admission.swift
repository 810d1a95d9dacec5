internal import LocalPrivacy

extension LedgerLimits {
  /// One debit of values, as limits count it.
  struct Payment {
    let expenditure: Expenditure
    let purpose: LedgerPurpose?
  }

  /// Refuses values over the limit, or over that of their purpose.
  func admit(
    _ expenditures: [Expenditure], for purpose: LedgerPurpose?, after earlier: [Payment],
    as name: String? = nil
  ) throws {
    guard let limit = values else { throw LedgerError.noLimit(.value) }
    let name = name ?? expenditures.first?.name ?? ""
    try limit.admit(expenditures, after: earlier.map(\.expenditure), as: name)
    guard let purpose, let epsilon = purposes[purpose] else { return }
    let cap =
      limit.unit == .value
      ? try PrivacyBudget.value(epsilon: epsilon)
      : try PrivacyBudget.model(epsilon: epsilon, delta: limit.delta)
    let ofPurpose = earlier.filter { $0.purpose == purpose }.map(\.expenditure)
    do {
      try cap.admit(expenditures, after: ofPurpose, as: name)
    } catch PrivacyError.budgetExceeded(_, let limit, let after) {
      throw LedgerError.purposeExceeded(purpose, name: name, limit: limit, after: after)
    }
  }

  /// Refuses a loss about records over the limit, or over that of its purpose.
  func admit(
    _ loss: RecordLoss, as name: String, for purpose: LedgerPurpose?, after chain: LedgerChain
  ) throws {
    guard let limit = records else { throw LedgerError.noLimit(.record) }
    try RecordLedger(limit: limit, restoring: chain.recordDebits()).admit(loss, as: name)
    guard let purpose, let epsilon = purposes[purpose] else { return }
    let cap = try RecordBudget(epsilon: epsilon, delta: limit.delta)
    do {
      try RecordLedger(limit: cap, restoring: chain.recordDebits(for: purpose))
        .admit(loss, as: name)
    } catch PrivacyError.recordBudgetExceeded(_, let limit, let after) {
      throw LedgerError.purposeExceeded(purpose, name: name, limit: limit, after: after)
    }
  }
}
