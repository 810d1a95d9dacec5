/// What the public integers of a release mean: all that a receiver needs to read them.
public enum ReleaseEncoding: Hashable, Sendable {
  /// Grid points of numbers that were clipped to a radius.
  case numbers(NumericMechanism, radius: ClippingRadius)
  /// Randomised labels.
  case labels(RandomizedResponse)
  /// Sets of categories that stand for labels, each by its number.
  case subsets(SubsetSelection)

  /// The loss of one released datum, rounded up.
  public var epsilon: Double {
    switch self {
    case .numbers(let mechanism, _): mechanism.epsilon
    case .labels(let response): response.epsilon
    case .subsets(let selection): selection.epsilon
    }
  }

  /// A short name of the mechanism, for reports.
  public var mechanismName: String {
    switch self {
    case .numbers(let mechanism, _): mechanism.kind.rawValue
    case .labels(let response): "\(response.categories)-ary randomized response"
    case .subsets(let selection):
      "\(selection.categories)-ary selection of subsets of \(selection.subsetSize)"
    }
  }

  /// The number of estimates that one output gives: 1, or one for each category.
  public var estimatesPerOutput: Int {
    switch self {
    case .numbers: 1
    case .labels(let response): response.categories
    case .subsets(let selection): selection.categories
    }
  }

  /// The unbiased estimates of what was released.
  ///
  /// - Parameter outputs: Outputs of the mechanism, of shape `[n]`.
  /// - Returns: Numbers in their original units, of shape `[n]`; or the indicators of the
  ///   categories, of shape `[n, k]` by rows.
  public func estimates(of outputs: [Int32]) -> [Float] {
    switch self {
    case .numbers(let mechanism, let radius):
      return outputs.map { Float(mechanism.estimate($0) * radius.value) }
    case .labels(let response):
      let other = Float(response.estimate(ofOutput: false))
      let kept = Float(response.estimate(ofOutput: true))
      var estimates = [Float](repeating: other, count: outputs.count * response.categories)
      for (row, output) in outputs.enumerated() {
        estimates[row * response.categories + Int(output)] = kept
      }
      return estimates
    case .subsets(let selection):
      let other = Float(selection.estimate(ofHeld: false))
      let held = Float(selection.estimate(ofHeld: true))
      var estimates = [Float](repeating: other, count: outputs.count * selection.categories)
      for (row, output) in outputs.enumerated() {
        for category in selection.subset(of: output) {
          estimates[row * selection.categories + category] = held
        }
      }
      return estimates
    }
  }

  /// The greatest variance of one estimate, in squared original units.
  public var worstNoiseVariance: Double {
    switch self {
    case .numbers(let mechanism, let radius):
      mechanism.worstVariance * radius.value * radius.value
    case .labels(let response): response.worstVariance
    case .subsets(let selection): selection.worstVariance
    }
  }

  /// The number of outputs that the mechanism can give.
  var alphabet: Int {
    switch self {
    case .numbers(let mechanism, _):
      mechanism.kind == .duchi ? 2 : 2 * Int(mechanism.greatestOutput) + 1
    case .labels(let response): response.categories
    case .subsets(let selection): selection.subsetCount
    }
  }

  /// The least number of bits that tells all outputs apart.
  public var bitsPerOutput: Int { Int.bitWidth - (alphabet - 1).leadingZeroBitCount }
}
