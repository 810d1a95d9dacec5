internal import GRDB
public import LocalPrivacy

extension DurableLedger {
  /// Releases numbers, each by itself, or gives what was released under the name before.
  ///
  /// - Parameters:
  ///   - values: Clipped numbers, of shape `[n]` with n at least 1.
  ///   - mechanism: What randomises each of them; every number costs its `epsilon`.
  ///   - name: What they are; it stands for these values, radius and mechanism in this ledger.
  ///   - purpose: What it is for: a limit may hold for that alone.
  ///   - payingAgain: Whether a debit of the same request that was interrupted may be paid once
  ///     more; what it drew was never handed out, but is not refunded.
  /// - Throws: ``LedgerError/unfinished(name:entry:)`` for an interrupted request unless
  ///   `payingAgain`; ``LedgerError/nameTaken(_:)``; ``LedgerError/noLimit(_:)``;
  ///   ``LedgerError/diskFull(_:)``, ``LedgerError/damaged(_:entry:what:)`` and
  ///   ``LedgerError/storage(_:reason:)``; `PrivacyError.budgetExceeded` over the limit,
  ///   ``LedgerError/purposeExceeded(_:name:limit:after:)`` over that of the purpose, and
  ///   `PrivacyError.emptyRelease`. Nothing is spent then, unless storing the drawn result fails:
  ///   the debit stays, and nothing is handed out.
  /// - Complexity: O(entries + n).
  public func release(
    _ values: Clipped, through mechanism: NumericMechanism, as name: String,
    for purpose: LedgerPurpose? = nil, payingAgain: Bool = false
  ) throws -> Released {
    try release(
      ReleaseRequest(values, through: mechanism, as: name), for: purpose, payingAgain: payingAgain)
  }

  /// Releases labels, each by itself, or gives what was released under the name before.
  ///
  /// - Parameters:
  ///   - labels: Categories in `0 ..< response.categories`, of shape `[n]` with n at least 1.
  ///   - response: What randomises each of them; every label costs its `epsilon`.
  ///   - name: What they are, as for numbers.
  ///   - purpose: As for numbers.
  ///   - payingAgain: As for numbers.
  /// - Throws: `PrivacyError.labelOutOfRange`, and as for numbers.
  /// - Complexity: O(entries + n).
  public func release(
    _ labels: [Int], through response: RandomizedResponse, as name: String,
    for purpose: LedgerPurpose? = nil, payingAgain: Bool = false
  ) throws -> Released {
    try release(
      ReleaseRequest(labels, through: response, as: name), for: purpose, payingAgain: payingAgain)
  }

  /// Releases labels as sets of categories, each by itself, or gives what was released under the
  /// name before.
  ///
  /// - Parameters:
  ///   - labels: Categories in `0 ..< selection.categories`, of shape `[n]` with n at least 1.
  ///   - selection: What randomises each of them; every label costs its `epsilon`.
  ///   - name: What they are, as for numbers.
  ///   - purpose: As for numbers.
  ///   - payingAgain: As for numbers.
  /// - Throws: `PrivacyError.labelOutOfRange`, and as for numbers.
  /// - Complexity: O(entries + n).
  public func release(
    _ labels: [Int], through selection: SubsetSelection, as name: String,
    for purpose: LedgerPurpose? = nil, payingAgain: Bool = false
  ) throws -> Released {
    try release(
      ReleaseRequest(labels, through: selection, as: name), for: purpose, payingAgain: payingAgain)
  }

  /// Releases Booleans, each by itself, or gives what was released under the name before.
  ///
  /// - Parameters:
  ///   - answers: Of shape `[n]` with n at least 1.
  ///   - response: What randomises each of them; every answer costs its `epsilon`.
  ///   - name: What they are, as for numbers.
  ///   - purpose: As for numbers.
  ///   - payingAgain: As for numbers.
  /// - Throws: As for numbers.
  /// - Complexity: O(entries + n).
  public func release(
    _ answers: [Bool], through response: BinaryResponse, as name: String,
    for purpose: LedgerPurpose? = nil, payingAgain: Bool = false
  ) throws -> Released {
    try release(
      ReleaseRequest(answers, through: response, as: name), for: purpose, payingAgain: payingAgain)
  }

  /// Releases labels as a bit for each category, each label by itself, or gives what was released
  /// under the name before.
  ///
  /// - Parameters:
  ///   - labels: Categories in `0 ..< unary.categories`, of shape `[n]` with n at least 1.
  ///   - unary: What randomises each of them; every label costs its `epsilon` once.
  ///   - name: What they are, as for numbers.
  ///   - purpose: As for numbers.
  ///   - payingAgain: As for numbers.
  /// - Throws: `PrivacyError.labelOutOfRange`, and as for numbers.
  /// - Complexity: O(entries + n categories).
  public func release(
    _ labels: [Int], through unary: UnaryEncoding, as name: String,
    for purpose: LedgerPurpose? = nil, payingAgain: Bool = false
  ) throws -> Released {
    try release(
      ReleaseRequest(labels, through: unary, as: name), for: purpose, payingAgain: payingAgain)
  }

  /// Releases integers, each by itself, or gives what was released under the name before.
  ///
  /// - Parameters:
  ///   - integers: Clipped integers, of shape `[n]` with n at least 1.
  ///   - laplace: What adds noise to each of them; every integer costs its `epsilon`.
  ///   - name: What they are, as for numbers.
  ///   - purpose: As for numbers.
  ///   - payingAgain: As for numbers.
  /// - Throws: `PrivacyError.domainTooWide` when the bounds are wider than the mechanism's
  ///   sensitivity, and as for numbers.
  /// - Complexity: O(entries + n).
  public func release(
    _ integers: ClippedIntegers, through laplace: DiscreteLaplace, as name: String,
    for purpose: LedgerPurpose? = nil, payingAgain: Bool = false
  ) throws -> Released {
    try release(
      ReleaseRequest(integers, through: laplace, as: name), for: purpose, payingAgain: payingAgain)
  }

  private func release(
    _ release: ReleaseRequest, for purpose: LedgerPurpose?, payingAgain: Bool
  ) throws -> Released {
    let expenditure = release.expenditure
    try requireLimitAndRoom(for: expenditure, release.encoding)
    let request = Request(
      name: expenditure.name, loss: StoredLoss(expenditure), contents: RequestContents(release),
      purpose: purpose, payingAgain: payingAgain)
    // Alone with the file from debit to result, so that no other task sees a debit half done.
    return try file.access { database in
      switch try reserve(expenditure, request, in: database) {
      case .stored(let entry, let verified):
        return try release.released(
          storedAs: verified.results(in: database).result(of: entry.number))
      case .reserved(let entry):
        let released = try release.draw()
        try LedgerFile.transaction(in: database) { database in
          try complete(entry, unit: .value, with: released.packedBytes(), in: database)
        }
        return released
      }
    }
  }

  /// Refuses values where the ledger allows none, or the disk has no room for their outputs.
  func requireLimitAndRoom(for expenditure: Expenditure, _ encoding: ReleaseEncoding) throws {
    guard limits.values != nil else { throw LedgerError.noLimit(.value) }
    try requireRoom(for: encoding.byteCount(of: expenditure.count))
  }

  /// Finds the stored outputs of the same values, or debits them, durably.
  func reserve(
    _ expenditure: Expenditure, _ request: Request, in database: Database
  ) throws -> Reservation {
    try LedgerFile.transaction(in: database) { database in
      try reserve(request, in: database) { chain in
        try limits.admit([expenditure], for: request.purpose, after: chain.payments)
      }
    }
  }
}
