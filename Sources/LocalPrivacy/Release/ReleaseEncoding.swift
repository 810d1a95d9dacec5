/// What the public integers of a release mean: all that a receiver needs to read them.
public enum ReleaseEncoding: Hashable, Sendable {
  /// Grid points of numbers that were clipped to a radius.
  case numbers(NumericMechanism, radius: ClippingRadius)
  /// Randomised labels.
  case labels(RandomizedResponse)

  /// The loss of one released datum, rounded up.
  public var epsilon: Double {
    switch self {
    case .numbers(let mechanism, _): mechanism.epsilon
    case .labels(let response): response.epsilon
    }
  }

  /// A short name of the mechanism, for reports.
  public var mechanismName: String {
    switch self {
    case .numbers(let mechanism, _): mechanism.kind.rawValue
    case .labels(let response): "\(response.categories)-ary randomized response"
    }
  }

  /// The number of estimates that one output gives: 1, or one for each category.
  public var estimatesPerOutput: Int {
    switch self {
    case .numbers: 1
    case .labels(let response): response.categories
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
    }
  }

  /// The greatest variance of one estimate, in squared original units.
  public var worstNoiseVariance: Double {
    switch self {
    case .numbers(let mechanism, let radius):
      mechanism.worstVariance * radius.value * radius.value
    case .labels(let response): response.worstVariance
    }
  }

  /// The number of outputs that the mechanism can give.
  var alphabet: Int {
    switch self {
    case .numbers(let mechanism, _):
      mechanism.kind == .duchi ? 2 : 2 * Int(mechanism.greatestOutput) + 1
    case .labels(let response): response.categories
    }
  }

  /// The least number of bits that tells all outputs apart.
  public var bitsPerOutput: Int { Int.bitWidth - (alphabet - 1).leadingZeroBitCount }
}
