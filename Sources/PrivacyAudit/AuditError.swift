/// What can be wrong with what an audit is asked for.
public enum AuditError: Error, Equatable, CustomStringConvertible {
  /// The number of trials can't show anything, or takes too much memory.
  case trialsOutOfRange(Int, least: Int, greatest: Int)
  /// A bound needs a confidence between one half and 1.
  case confidenceOutOfRange(Double)
  /// A correlation of so few values says nothing.
  case tooFewValues(name: String, found: Int, least: Int)
  /// Values that are all alike have no correlation.
  case constantValues(name: String)
  /// A release gave another number of outputs than values went in.
  case outputCount(name: String, expected: Int, found: Int)

  public var description: String {
    switch self {
    case .trialsOutOfRange(let trials, let least, let greatest):
      "an audit takes \(least) to \(greatest) trials, got \(trials)"
    case .confidenceOutOfRange(let confidence):
      "a confidence must be at least 0.5 and below 1, got \(confidence)"
    case .tooFewValues(let name, let found, let least):
      "\(name): a correlation needs at least \(least) values, got \(found)"
    case .constantValues(let name):
      "\(name): values that are all alike have no correlation: leave them out"
    case .outputCount(let name, let expected, let found):
      "\(name): gave \(found) outputs for \(expected) values"
    }
  }
}
