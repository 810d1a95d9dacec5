/// What can go wrong with a release or its accounting. No case holds a private value.
public enum PrivacyError: Error, Equatable, CustomStringConvertible {
  /// The loss of a mechanism is outside the range in which its integers fit 64 bits.
  case epsilonOutOfRange(Double, least: Double, greatest: Double)
  /// The slack of a composed loss is not in `0 ..< 1`.
  case deltaOutOfRange(Double)
  /// A clipping radius is not a usable length.
  case radiusOutOfRange(Double, least: Double, greatest: Double)
  /// The number of categories is not one that a randomiser of labels accepts.
  case categoriesOutOfRange(Int, greatest: Int)
  /// The greatest distance of two inputs is not one that noise on integers accepts.
  case sensitivityOutOfRange(Int, greatest: Int)
  /// A scale of noise is not a ratio of such integers as a sampler takes.
  case scaleOutOfRange(numerator: Int, denominator: Int, greatest: Int)
  /// Bounds of integers hold fewer than two, or reach too far.
  case boundsOutOfRange(lower: Int, upper: Int, greatest: Int)
  /// Bounds are wider than the sensitivity that the noise is made for.
  case domainTooWide(width: Int, sensitivity: Int)
  /// Some label is not a category; which label and where stay private.
  case labelOutOfRange(categories: Int)
  /// The limit of a budget, or the loss of an expenditure, is not a finite number above 0.
  case lossOutOfRange(Double)
  /// A release must have a name and at least one value.
  case emptyRelease
  /// A name stands for another release, of another size or through another mechanism.
  case nameTaken(String)
  /// A source that is read in parts gave other values, or another number of them, than before.
  case sourceChanged(name: String)
  /// The release would take the composed loss over the budget.
  case budgetExceeded(name: String, limit: Double, after: Double)
  /// A loss about one unit can't be part of a loss about the other: records do not mix with values
  /// and models.
  case mixedUnits(PrivacyUnit, PrivacyUnit)
  /// A packed release has the wrong number of bytes for its outputs.
  case packedLength(expected: Int, found: Int)
  /// A received release is not the one that the protocol has in its place.
  case unexpectedRelease(expected: String, found: String)
  /// A received output is not one that the mechanism can give.
  case outputOutOfRange(position: Int)
  /// Gaussian noise can't reach the delta.
  case recordDeltaOutOfRange(Double)
  /// A record's chance of being sampled is not one that an accountant takes.
  case probabilityOutOfRange(Double, least: Double)
  /// The number of releases of a procedure is not one that an accountant takes.
  case stepsOutOfRange(Int, greatest: Int)
  /// The noise over the sensitivity is not one that an accountant takes.
  case noiseMultiplierOutOfRange(Double, least: Double, greatest: Double)
  /// No accountant gives a finite loss.
  case lossNotBounded(noiseMultiplier: Double, steps: Int)
  /// The procedure would take the loss about a record over the limit.
  case recordBudgetExceeded(name: String, limit: Double, after: Double)
  /// All steps that were paid for are released.
  case stepsExhausted(steps: Int)
  /// A step's records must be drawn once, before its release.
  case batchOutOfStep
  /// The noise is too wide for the grid.
  case noiseOutOfRange(deviation: Double, greatest: Double)
  /// More numbers would be released than the accounting of discrete noise covers.
  case tooManyOutputs(greatest: Int)
  /// A sum over so many records would not be exact in `Double`.
  case sumNotExact(records: Int, greatest: Int)
  /// A sum is no sum of clipped gradients.
  case sumNotFinite
  /// The counts of an audit contradict each other.
  case auditCountsOutOfRange(canaries: Int, guesses: Int, right: Int)
  /// A confidence is not between 0 and 1.
  case confidenceOutOfRange(Double)
  /// A key has the wrong number of bytes, or they are no key.
  case keyMalformed(expected: Int, found: Int)
  /// A certificate's text or one of its fields is not of the known form.
  case certificateMalformed
  /// A certificate is of a format that is not known here.
  case certificateVersion(found: Int, known: Int)
  /// A certificate's signature is not one of its statement by its key.
  case certificateSignature
  /// A certificate is about other parameters.
  case certificateParameters
  /// A certificate claims less than its procedure loses.
  case certificateImplausible(claimed: Double, least: Double)
  /// A receipt's text is not of the known form, or its parts contradict each other.
  case receiptMalformed
  /// A receipt is of a format that is not known here.
  case receiptVersion(found: Int, known: Int)
  /// A receipt's signature is not one of its text by its key.
  case receiptSignature
  /// A receipt is signed by another key; both by their fingerprints.
  case receiptKey(expected: String, found: String)
  /// A receipt claims less than its mechanism loses, or another loss than its integers have.
  case receiptImplausible(what: String, claimed: Double, least: Double)
  /// A receipt is about other bytes under the name, or about none.
  case receiptBytes(String)
  /// A release says something else of itself than the receipt says of it.
  case receiptStatement(String, stated: String)
  /// No receipt can be about the release.
  case receiptNotStated(String)
  /// The cipher that expands the key refused to run; nothing was released.
  case randomnessUnavailable

  public var description: String {
    switch self {
    case .epsilonOutOfRange(let epsilon, let least, let greatest):
      "epsilon must be at least \(least.plain) and at most \(greatest.plain), got \(epsilon.plain)"
    case .deltaOutOfRange(let delta):
      "delta must be at least 0 and below 1, got \(delta.plain)"
    case .radiusOutOfRange(let radius, let least, let greatest):
      "a clipping radius must be at least \(least.plain) and at most \(greatest.plain), "
        + "got \(radius.plain)"
    case .categoriesOutOfRange(let categories, let greatest):
      "this randomiser of labels takes 2 to \(greatest) categories, got \(categories)"
    case .sensitivityOutOfRange(let sensitivity, let greatest):
      "a sensitivity must be at least 1 and at most \(greatest), got \(sensitivity)"
    case .scaleOutOfRange(let numerator, let denominator, let greatest):
      "a scale must be a ratio of integers above 0 with a denominator of at most \(greatest), "
        + "got \(numerator) / \(denominator)"
    case .boundsOutOfRange(let lower, let upper, let greatest):
      "bounds must hold at least two integers within ±\(greatest), got \(lower) ... \(upper)"
    case .domainTooWide(let width, let sensitivity):
      "the bounds are \(width) apart, over the mechanism's sensitivity of \(sensitivity): "
        + "take narrower bounds, or a mechanism of their width"
    case .labelOutOfRange(let categories):
      "a label is outside 0 ..< \(categories): check how the labels were made"
    case .lossOutOfRange(let loss):
      "a privacy loss must be finite and above 0, got \(loss.plain)"
    case .emptyRelease:
      "a release needs a name and at least one value"
    case .nameTaken(let name):
      "\"\(name)\" was released before with another size or mechanism: choose another name"
    case .sourceChanged(let name):
      "the source of \"\(name)\" did not give as many values as asked for, or gave others when it "
        + "was read again: nothing was handed out; keep the source as it is while it is released"
    case .budgetExceeded(let name, let limit, let after):
      "releasing \"\(name)\" would take the loss to \(after.plain), over the budget of "
        + "\(limit.plain): nothing was spent"
    case .mixedUnits(let one, let other):
      "losses that protect a \(one.rawValue) and a \(other.rawValue) do not add up: keep an "
        + "account for each"
    case .packedLength(let expected, let found):
      "the packed outputs take \(expected) bytes, got \(found)"
    case .unexpectedRelease(let expected, let found):
      "expected \(expected); got \(found)"
    case .outputOutOfRange(let position):
      "output \(position) is not one that the mechanism can give"
    case .recordDeltaOutOfRange(let delta):
      "Gaussian noise needs a delta of at least 1e-100 and at most 0.5, got \(delta.plain)"
    case .probabilityOutOfRange(let probability, let least):
      "a sampling probability must be at least \(least.plain) and below 1, "
        + "got \(probability.plain)"
    case .stepsOutOfRange(let steps, let greatest):
      "a procedure has 1 to \(greatest) steps, got \(steps)"
    case .noiseMultiplierOutOfRange(let multiplier, let least, let greatest):
      "a noise multiplier must be at least \(least.plain) and at most \(greatest.plain), "
        + "got \(multiplier.plain)"
    case .lossNotBounded(let multiplier, let steps):
      "\(steps) steps with a noise multiplier of \(multiplier.plain) have no loss that can be "
        + "stated: take more noise, fewer steps or a greater delta"
    case .recordBudgetExceeded(let name, _, let after) where after.isInfinite:
      "with \"\(name)\" the deltas of all trainings would add up to more than the ledger's own: "
        + "nothing was spent; make a ledger with a larger --record-delta, or train with a smaller "
        + "--delta"
    case .recordBudgetExceeded(let name, let limit, let after):
      "\"\(name)\" would take the loss about a record to \(after.plain), over the limit of "
        + "\(limit.plain): nothing was spent"
    case .stepsExhausted(let steps):
      "all \(steps) steps that were paid for are released: ask the ledger for another grant"
    case .batchOutOfStep:
      "the records of a step are drawn once, before its release"
    case .noiseOutOfRange(let deviation, let greatest):
      "noise of \(deviation.plain) grid steps is above the limit of \(greatest.plain): take a "
        + "coarser grid"
    case .tooManyOutputs(let greatest):
      "one grant releases at most \(greatest) numbers"
    case .sumNotExact(let records, let greatest):
      "a sum over \(records) records is not exact with this clip: at most \(greatest) at a time"
    case .sumNotFinite:
      "a sum is too large for the clip: clip every record's gradient, and replace those that are "
        + "not finite by zeros, before the sum"
    case .auditCountsOutOfRange(let canaries, let guesses, let right):
      "an audit has 1 to \(OneRunAudit.greatestCanaries) canaries, at most as many guesses and at "
        + "most as many right ones, got \(canaries), \(guesses) and \(right)"
    case .confidenceOutOfRange(let confidence):
      "a confidence must be above 0 and below 1, got \(confidence.plain)"
    case .keyMalformed(let expected, let found):
      "a key has \(expected) bytes of its own form, got \(found)"
    case .certificateMalformed:
      "the certificate is not of the form that this version writes: ask its party for it again"
    case .certificateVersion(let found, let known):
      "the certificate has format \(found), and only format \(known) is known: update"
    case .certificateSignature:
      "the certificate's signature does not fit its statement and key: do not rely on it"
    case .certificateParameters:
      "the certificate is about other parameters than these: do not rely on it"
    case .certificateImplausible(let claimed, let least):
      "the certificate claims an epsilon of \(claimed.plain), and its procedure loses "
        + "\(least.plain): do not rely on it"
    case .receiptMalformed:
      "the receipt is not of the form that this version writes: ask its party for it again"
    case .receiptVersion(let found, let known):
      "the receipt has format \(found), and only format \(known) is known: update"
    case .receiptSignature:
      "the receipt's signature does not fit its text and key: do not rely on it"
    case .receiptKey(let expected, let found):
      "the receipt is signed by \(found), and not by \(expected): do not rely on it"
    case .receiptImplausible(let what, let claimed, let least):
      "the receipt claims an epsilon of \(claimed.plain) for \(what.debugDescription), and its "
        + "mechanism loses \(least.plain): do not rely on it"
    case .receiptBytes(let name):
      "the receipt is not about these bytes as \(name.debugDescription): do not rely on it for them"
    case .receiptStatement(let name, let stated):
      "the receipt says something else of \(name.debugDescription) than the release itself, which states "
        + stated
    case .receiptNotStated(let name):
      "no receipt can be about \(name.debugDescription): its debit does not fix its loss by "
        + "recorded integers, or the receipt would be too long"
    case .randomnessUnavailable:
      "the cipher that makes the noise could not run: nothing was released"
    }
  }
}

extension Double {
  /// A whole number without its ".0", as a person would write it.
  var plain: String {
    self == rounded() && magnitude < 1e15 ? String(Int64(self)) : "\(self)"
  }
}
