/// What can go wrong with a release or its accounting. No case holds a private value.
public enum PrivacyError: Error, Equatable, CustomStringConvertible {
  /// The loss of a mechanism is outside the range in which its integers fit 64 bits.
  case epsilonOutOfRange(Double, least: Double, greatest: Double)
  /// The slack of a composed loss is not in `0 ..< 1`.
  case deltaOutOfRange(Double)
  /// A clipping radius is not a usable length.
  case radiusOutOfRange(Double, least: Double, greatest: Double)
  /// The number of categories is not one that randomised response accepts.
  case categoriesOutOfRange(Int, greatest: Int)
  /// Some label is not a category; which label and where stay private.
  case labelOutOfRange(categories: Int)
  /// The limit of a budget, or the loss of an expenditure, is not a finite number above 0.
  case lossOutOfRange(Double)
  /// A release must have a name and at least one value.
  case emptyRelease
  /// A name stands for another release, of another size or through another mechanism.
  case nameTaken(String)
  /// The release would take the composed loss over the budget.
  case budgetExceeded(name: String, limit: Double, after: Double)
  /// Losses that protect records were mixed with losses that protect values or models.
  case mixedUnits(PrivacyUnit, PrivacyUnit)
  /// A packed release has the wrong number of bytes for its outputs.
  case packedLength(expected: Int, found: Int)
  /// A received output is not one that the mechanism can give.
  case outputOutOfRange(position: Int)
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
      "randomised response takes 2 to \(greatest) categories, got \(categories)"
    case .labelOutOfRange(let categories):
      "a label is outside 0 ..< \(categories): check how the labels were made"
    case .lossOutOfRange(let loss):
      "a privacy loss must be finite and above 0, got \(loss.plain)"
    case .emptyRelease:
      "a release needs a name and at least one value"
    case .nameTaken(let name):
      "\"\(name)\" was released before with another size or mechanism: choose another name"
    case .budgetExceeded(let name, let limit, let after):
      "releasing \"\(name)\" would take the loss to \(after.plain), over the budget of "
        + "\(limit.plain): nothing was spent"
    case .mixedUnits(let one, let other):
      "losses that protect a \(one.rawValue) and a \(other.rawValue) do not add up"
    case .packedLength(let expected, let found):
      "the packed outputs take \(expected) bytes, got \(found)"
    case .outputOutOfRange(let position):
      "output \(position) is not one that the mechanism can give"
    case .randomnessUnavailable:
      "the cipher that makes the noise could not run: nothing was released"
    }
  }
}

extension Double {
  /// A whole number without its ".0", as a person would write it.
  fileprivate var plain: String {
    self == rounded() && magnitude < 1e15 ? String(Int64(self)) : "\(self)"
  }
}
