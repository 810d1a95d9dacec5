internal import LocalPrivacy

struct MechanismParameters: Decodable {
  let kind: String
  let epsilon: Double
  let count: Int
}

/// A release by a ledger: every value by itself, already clipped.
///
/// The result is how far the mean estimate is off, in deviations at most.
func mechanism(_ parameters: MechanismParameters) throws -> Repetition {
  switch parameters.kind {
  case "response": return try randomizedResponse(parameters)
  case "answers": return try binaryResponse(parameters)
  case "laplace": return try discreteLaplace(parameters)
  default: break
  }
  let count = parameters.count
  let kind = NumericMechanism.Kind(rawValue: parameters.kind) ?? .duchi
  let mechanism = try NumericMechanism(kind, epsilon: parameters.epsilon)
  let values = (0..<count).map { 2 * Float($0 % 1024) / 1023 - 1 }
  let clipped = try Clipped(values, radius: 1)
  let mean = values.reduce(0) { $0 + Double($1) } / Double(count)
  return released(mean: mean, variance: mechanism.worstVariance, count: count) { ledger in
    try ledger.release(clipped, through: mechanism, as: "values")
  }
}

/// Labels of two categories through randomised response.
private func randomizedResponse(_ parameters: MechanismParameters) throws -> Repetition {
  let count = parameters.count
  let response = try RandomizedResponse(categories: 2, epsilon: parameters.epsilon)
  let labels = (0..<count).map { $0 % 2 }
  return {
    try Measurement {
      var ledger = BudgetLedger(budget: nil)
      return try ledger.release(labels, through: response, as: "labels")
    } result: { released in
      let kept = zip(labels, released.outputs).count { $0 == Int($1) }
      let expected = response.keepProbability * Double(count)
      return [(Double(kept) - expected) / (expected * response.otherProbability).squareRoot()]
    }
  }
}

/// Booleans through 1-bit randomised response.
private func binaryResponse(_ parameters: MechanismParameters) throws -> Repetition {
  let count = parameters.count
  let response = try BinaryResponse(epsilon: parameters.epsilon)
  let answers = (0..<count).map { $0 % 3 == 0 }
  let mean = Double(answers.count { $0 }) / Double(count)
  return released(mean: mean, variance: response.variance, count: count) { ledger in
    try ledger.release(answers, through: response, as: "answers")
  }
}

/// Integers in 0 ... 100 with discrete Laplace noise of their own width.
private func discreteLaplace(_ parameters: MechanismParameters) throws -> Repetition {
  let count = parameters.count
  let laplace = try DiscreteLaplace(sensitivity: 100, epsilon: parameters.epsilon)
  let values = (0..<count).map { $0 % 101 }
  let integers = ClippedIntegers(values, bounds: try IntegerBounds(0...100))
  let mean = values.reduce(0) { $0 + Double($1) } / Double(count)
  return released(mean: mean, variance: laplace.variance, count: count) { ledger in
    try ledger.release(integers, through: laplace, as: "integers")
  }
}

/// Times a release, and says how far the mean of its estimates is off.
private func released(
  mean: Double, variance: Double, count: Int,
  by release: @escaping (inout BudgetLedger) throws -> Released
) -> Repetition {
  return {
    try Measurement {
      var ledger = BudgetLedger(budget: nil)
      return try release(&ledger)
    } result: { released in
      let estimate = released.estimates().reduce(0) { $0 + Double($1) } / Double(count)
      return [(estimate - mean) / (variance / Double(count)).squareRoot()]
    }
  }
}

struct GaussianParameters: Decodable {
  /// In steps of the grid.
  let deviation: Double
  let count: Int
}

/// The discrete Gaussian by itself, on all cores: what a step of DP-SGD draws.
func discreteGaussian(_ parameters: GaussianParameters) throws -> Repetition {
  let distribution = DiscreteGaussian(
    variance: UInt128(parameters.deviation * parameters.deviation))
  return {
    try Measurement {
      try distribution.sampleConcurrently(count: parameters.count)
    } result: { samples in
      let mean = samples.reduce(0) { $0 + Double($1) } / Double(parameters.count)
      return [mean / parameters.deviation * Double(parameters.count).squareRoot()]
    }
  }
}
