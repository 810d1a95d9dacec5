extension ReleaseEncoding {
  /// The number of estimates that one output gives: 1, or one for each category.
  public var estimatesPerOutput: Int {
    switch self {
    case .numbers, .answers, .integers: 1
    case .labels(let response): response.categories
    case .subsets(let selection): selection.categories
    case .unary(let encoding): encoding.categories
    }
  }

  /// The unbiased estimates of what was released.
  ///
  /// - Parameter outputs: Outputs of the mechanism, of shape `[n]`, or `[n, k]` by rows for a unary
  ///   encoding.
  /// - Returns: Numbers, answers and integers in their original units, of shape `[n]`; or the
  ///   indicators of the categories, of shape `[n, k]` by rows.
  public func estimates(of outputs: [Int32]) -> [Float] {
    switch self {
    case .numbers(let mechanism, let radius):
      return outputs.map { Float(mechanism.estimate($0) * radius.value) }
    case .labels(let response):
      let kept = Float(response.estimate(ofOutput: true))
      var estimates = indicators(outputs.count, other: response.estimate(ofOutput: false))
      for (row, output) in outputs.enumerated() {
        estimates[row * response.categories + Int(output)] = kept
      }
      return estimates
    case .subsets(let selection):
      let held = Float(selection.estimate(ofHeld: true))
      var estimates = indicators(outputs.count, other: selection.estimate(ofHeld: false))
      for (row, output) in outputs.enumerated() {
        for category in selection.subset(of: output) {
          estimates[row * selection.categories + category] = held
        }
      }
      return estimates
    case .answers(let response):
      return outputs.map { Float(response.estimate($0)) }
    case .unary(let encoding):
      return outputs.map { Float(encoding.estimate(ofBit: $0)) }
    case .integers:
      return outputs.map { Float($0) }
    }
  }

  /// By rows of categories, none of which is in an answer yet.
  private func indicators(_ count: Int, other: Double) -> [Float] {
    [Float](repeating: Float(other), count: count * estimatesPerOutput)
  }
}
