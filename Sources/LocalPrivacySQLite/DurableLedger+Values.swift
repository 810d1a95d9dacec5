internal import GRDB
public import LocalPrivacy

extension DurableLedger {
  /// Releases numbers, each by itself, or gives what was released under the name before.
  ///
  /// - Parameters:
  ///   - values: Clipped numbers, of shape `[n]` with n at least 1.
  ///   - mechanism: What randomises each of them; every number costs its `epsilon`.
  ///   - name: What they are; it stands for these values, radius and mechanism in this ledger.
  ///   - payingAgain: Whether a debit of the same request that was interrupted may be paid once
  ///     more; what it drew was never handed out, but is not refunded.
  /// - Throws: ``LedgerError/unfinished(name:entry:)`` for an interrupted request unless
  ///   `payingAgain`; ``LedgerError/nameTaken(_:)``; ``LedgerError/noLimit(_:)``;
  ///   ``LedgerError/diskFull(_:)``, ``LedgerError/damaged(_:entry:what:)`` and
  ///   ``LedgerError/storage(_:reason:)``; `PrivacyError.budgetExceeded` over the limit and
  ///   `PrivacyError.emptyRelease`. Nothing is spent then, unless storing the drawn result fails:
  ///   the debit stays, and nothing is handed out.
  /// - Complexity: O(entries + n).
  public func release(
    _ values: Clipped, through mechanism: NumericMechanism, as name: String,
    payingAgain: Bool = false
  ) throws -> Released {
    try release(
      ReleaseRequest(values, through: mechanism, as: name), payingAgain: payingAgain)
  }

  /// Releases labels, each by itself, or gives what was released under the name before.
  ///
  /// - Parameters:
  ///   - labels: Categories in `0 ..< response.categories`, of shape `[n]` with n at least 1.
  ///   - response: What randomises each of them; every label costs its `epsilon`.
  ///   - name: What they are, as for numbers.
  ///   - payingAgain: As for numbers.
  /// - Throws: `PrivacyError.labelOutOfRange`, and as for numbers.
  /// - Complexity: O(entries + n).
  public func release(
    _ labels: [Int], through response: RandomizedResponse, as name: String,
    payingAgain: Bool = false
  ) throws -> Released {
    try release(ReleaseRequest(labels, through: response, as: name), payingAgain: payingAgain)
  }

  /// Releases labels as sets of categories, each by itself, or gives what was released under the
  /// name before.
  ///
  /// - Parameters:
  ///   - labels: Categories in `0 ..< selection.categories`, of shape `[n]` with n at least 1.
  ///   - selection: What randomises each of them; every label costs its `epsilon`.
  ///   - name: What they are, as for numbers.
  ///   - payingAgain: As for numbers.
  /// - Throws: `PrivacyError.labelOutOfRange`, and as for numbers.
  /// - Complexity: O(entries + n).
  public func release(
    _ labels: [Int], through selection: SubsetSelection, as name: String,
    payingAgain: Bool = false
  ) throws -> Released {
    try release(ReleaseRequest(labels, through: selection, as: name), payingAgain: payingAgain)
  }

  private func release(_ release: ReleaseRequest, payingAgain: Bool) throws -> Released {
    guard let limit = limits.values else { throw LedgerError.noLimit(.value) }
    let expenditure = release.expenditure
    try requireRoom(for: release.encoding.byteCount(of: expenditure.count))
    let request = Request(
      name: expenditure.name, loss: StoredLoss(expenditure), contents: release.canonicalBytes,
      payingAgain: payingAgain)
    // Alone with the file from debit to result, so that no other task sees a debit half done.
    return try file.access { database in
      let reservation = try LedgerFile.transaction(in: database) { database in
        try reserve(request, in: database) { chain in
          try limit.admit(expenditure, after: chain.expenditures)
        }
      }
      switch reservation {
      case .stored(let bytes): return try release.released(storedAs: bytes)
      case .reserved(let entry):
        let released = try release.draw()
        try LedgerFile.transaction(in: database) { database in
          try complete(entry, unit: .value, with: released.packedBytes(), in: database)
        }
        return released
      }
    }
  }
}

extension ReleaseRequest {
  /// The private values and what they were clipped to, for a keyed fingerprint.
  fileprivate var canonicalBytes: [UInt8] {
    var canonical = CanonicalBytes(domain: "PrivFusion release")
    switch encoding {
    case .numbers(_, let radius):
      canonical.append("numbers")
      canonical.append(Int(bitPattern: UInt(radius.value.bitPattern)))
    case .labels(let response):
      canonical.append("labels")
      canonical.append(response.categories)
    case .subsets(let selection):
      canonical.append("subsets")
      canonical.append(selection.categories)
    }
    canonical.append(privateBytes)
    return canonical.bytes
  }
}
