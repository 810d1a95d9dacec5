public import LocalPrivacy

/// What a ledger answers to a request for record-level noise.
public enum GrantOutcome: ~Copyable {
  /// The request was debited as this entry, durably; its result goes to
  /// ``DurableLedger/complete(_:with:)`` before anyone sees it.
  case fresh(NoiseGrant, EntryID)
  /// The same request was completed before: these are the stored bytes, and nothing was spent.
  case repeated([UInt8])
}
