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
      return indicators(
        of: outputs, held: response.estimate(ofOutput: true),
        other: response.estimate(ofOutput: false)
      ) { [Int($0)] }
    case .subsets(let selection):
      return indicators(
        of: outputs, held: selection.estimate(ofHeld: true),
        other: selection.estimate(ofHeld: false)
      ) { selection.subset(of: $0) }
    case .answers(let response):
      return outputs.map { Float(response.estimate($0)) }
    case .unary(let encoding):
      return outputs.map { Float(encoding.estimate(ofBit: $0)) }
    case .integers:
      return outputs.map { Float($0) }
    }
  }

  /// By rows of categories, with those that an output names at one value and the rest at another.
  private func indicators(
    of outputs: [Int32], held: Double, other: Double, named categories: (Int32) -> [Int]
  ) -> [Float] {
    var estimates = [Float](repeating: Float(other), count: outputs.count * estimatesPerOutput)
    for (row, output) in outputs.enumerated() {
      for category in categories(output) {
        estimates[row * estimatesPerOutput + category] = Float(held)
      }
    }
    return estimates
  }
}
