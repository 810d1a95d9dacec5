/// What the public integers of a release mean: all that a receiver needs to read them.
///
/// Each datum has one output, whose loss is ``epsilon``; an output is one integer, but for a unary
/// encoding, whose outputs are ``integersPerOutput`` bits each.
public enum ReleaseEncoding: Hashable, Sendable {
  /// Grid points of numbers that were clipped to a radius.
  case numbers(NumericMechanism, radius: ClippingRadius)
  /// Randomised labels.
  case labels(RandomizedResponse)
  /// Sets of categories that stand for labels, each by its number.
  case subsets(SubsetSelection)
  /// Randomised Booleans: 1 for true, 0 for false.
  case answers(BinaryResponse)
  /// Bits of labels' categories: an output is k of them.
  case unary(UnaryEncoding)
  /// Integers that were clipped to bounds, with noise.
  case integers(DiscreteLaplace, bounds: IntegerBounds)

  /// The loss of one released datum, rounded up.
  public var epsilon: Double {
    switch self {
    case .numbers(let mechanism, _): mechanism.epsilon
    case .labels(let response): response.epsilon
    case .subsets(let selection): selection.epsilon
    case .answers(let response): response.epsilon
    case .unary(let encoding): encoding.epsilon
    case .integers(let laplace, _): laplace.epsilon
    }
  }

  /// A short name of the mechanism, for reports.
  public var mechanismName: String {
    switch self {
    case .numbers(let mechanism, _): mechanism.kind.rawValue
    case .labels(let response): "\(response.categories)-ary randomized response"
    case .subsets(let selection):
      "\(selection.categories)-ary selection of subsets of \(selection.subsetSize)"
    case .answers: Self.answersName
    case .unary(let encoding): "\(encoding.categories)-ary \(Self.unaryName)"
    case .integers(let laplace, let bounds):
      "discrete Laplace of scale \(laplace.scaleNumerator) / \(laplace.scaleDenominator) within "
        + "\(bounds.lower) ... \(bounds.upper)"
    }
  }

  static let answersName = "1-bit randomized response"
  static let unaryName = "optimized unary encoding"

  /// The greatest variance of one estimate, in squared original units.
  public var worstNoiseVariance: Double {
    switch self {
    case .numbers(let mechanism, let radius):
      mechanism.worstVariance * radius.value * radius.value
    case .labels(let response): response.worstVariance
    case .subsets(let selection): selection.worstVariance
    case .answers(let response): response.variance
    case .unary(let encoding): encoding.worstVariance
    case .integers(let laplace, _): laplace.variance
    }
  }

  /// The integers that one output takes: k for the bits of a unary encoding, otherwise 1.
  public var integersPerOutput: Int {
    if case .unary(let encoding) = self { encoding.categories } else { 1 }
  }

  /// The number of values that each integer of an output can have.
  var alphabet: Int {
    switch self {
    case .numbers(let mechanism, _):
      mechanism.kind == .duchi ? 2 : 2 * Int(mechanism.greatestOutput) + 1
    case .labels(let response): response.categories
    case .subsets(let selection): selection.subsetCount
    case .answers, .unary: 2
    case .integers(let laplace, let bounds): laplace.outputs(within: bounds).count
    }
  }

  /// The least number of bits that tells the values of one integer apart.
  var bitsPerInteger: Int { Int.bitWidth - (alphabet - 1).leadingZeroBitCount }

  /// The bits that an output takes: the least number that tells all integers of it apart.
  public var bitsPerOutput: Int { integersPerOutput * bitsPerInteger }
}
