public import LocalPrivacy

/// The known randomiser of a party's votes.
///
/// An answer is a set of classes: one of them through randomised response, several through subset
/// selection. Its probability depends only on whether the party's own label is in the set.
public enum VoteRandomizer: Hashable, Sendable {
  case response(RandomizedResponse)
  case selection(SubsetSelection)

  /// From this loss of an answer on, one class says more than several.
  static let leastResponse = 2.7
  private static let greatestSelection = 32

  /// The randomiser that says most at a loss: randomised response from 2.7 on, and for more than 32
  /// classes; subset selection below.
  ///
  /// - Parameters:
  ///   - classes: k, from 2 to 2^20.
  ///   - epsilon: The greatest loss of an answer, from 0.001 to 20.
  /// - Throws: `PrivacyError.categoriesOutOfRange` or `PrivacyError.epsilonOutOfRange`.
  public init(classes: Int, epsilon: Double) throws {
    self =
      epsilon >= Self.leastResponse || classes > Self.greatestSelection
      ? .response(try RandomizedResponse(categories: classes, epsilon: epsilon))
      : .selection(try SubsetSelection(categories: classes, epsilon: epsilon))
  }

  /// The loss of one answer, rounded up.
  public var epsilon: Double { encoding.epsilon }

  /// k, the number of classes.
  public var classes: Int { encoding.estimatesPerOutput }

  /// What a release through it says of itself.
  public var encoding: ReleaseEncoding {
    switch self {
    case .response(let response): .labels(response)
    case .selection(let selection): .subsets(selection)
    }
  }

  init?(_ encoding: ReleaseEncoding) {
    switch encoding {
    case .numbers, .answers, .unary, .integers: return nil
    case .labels(let response): self = .response(response)
    case .subsets(let selection): self = .selection(selection)
    }
  }

  /// The probability of a certain answer that holds the own label.
  var inside: Double {
    switch self {
    case .response(let response): response.keepProbability
    case .selection(let selection): selection.insideProbability
    }
  }

  /// The probability of a certain answer that does not.
  var outside: Double {
    switch self {
    case .response(let response): response.otherProbability
    case .selection(let selection): selection.outsideProbability
    }
  }

  var logLikelihoodRatio: Double {
    switch self {
    case .response(let response): response.logLikelihoodRatio
    case .selection(let selection): selection.logLikelihoodRatio
    }
  }

  /// The classes of an output, ascending.
  func labels(of output: Int32) -> [Int] {
    switch self {
    case .response: [Int(output)]
    case .selection(let selection): selection.subset(of: output)
    }
  }

  func release(
    _ labels: [Int], as name: String, from ledger: inout BudgetLedger
  ) throws -> Released {
    switch self {
    case .response(let response): try ledger.release(labels, through: response, as: name)
    case .selection(let selection): try ledger.release(labels, through: selection, as: name)
    }
  }
}
