public import Symmetry

/// What can be wrong with the input of a matching.
public enum MatchingError: Error, Equatable, CustomStringConvertible {
  /// A cost is NaN or infinite; its place, not its value, is told.
  case nonFiniteCost(row: Int, column: Int)
  /// The number of costs is not rows times columns.
  case costCount(rows: Int, columns: Int, found: Int)
  /// There are more rows or columns than the solver can number.
  case tooLarge(rows: Int, columns: Int)
  /// A term's weight is negative, NaN or infinite.
  case weight(Double)
  /// A graph has more or fewer tensors than there are terms.
  case tensorCount(terms: Int, found: Int)
  /// A tensor's shape is not the one that its term's axes have.
  case tensorShape(term: Int, expected: [Int], found: [Int])
  /// One group has two sizes.
  case groupSize(GroupID, Int, Int)
  /// A starting permutation reorders another number of things than its group has.
  case permutationSize(GroupID, expected: Int, found: Int)
  /// A universe of no party was asked for.
  case noParties

  public var description: String {
    switch self {
    case .nonFiniteCost(let row, let column):
      "costs must be finite, the one at row \(row), column \(column) is not"
    case .costCount(let rows, let columns, let found):
      "\(rows) x \(columns) costs are \(rows * columns) numbers, got \(found)"
    case .tooLarge(let rows, let columns):
      "an assignment has at most \(Int32.max) rows and columns, got \(rows) x \(columns)"
    case .weight(let weight):
      "a term's weight must be finite and at least 0, got \(weight)"
    case .tensorCount(let terms, let found):
      "every party has one tensor a term: \(terms) terms, got \(found) tensors"
    case .tensorShape(let term, let expected, let found):
      "the tensor of term \(term) must have shape \(expected), got \(found)"
    case .groupSize(let group, let one, let other):
      "group \(group) has size \(one) on one axis and \(other) on another"
    case .permutationSize(let group, let expected, let found):
      "group \(group) has \(expected) members, its starting permutation has \(found)"
    case .noParties:
      "a universe needs at least one party"
    }
  }
}
