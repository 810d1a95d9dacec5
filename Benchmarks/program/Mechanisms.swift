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
  let count = parameters.count
  guard let kind = NumericMechanism.Kind(rawValue: parameters.kind) else {
    return try randomizedResponse(parameters)
  }
  let mechanism = try NumericMechanism(kind, epsilon: parameters.epsilon)
  let values = (0..<count).map { 2 * Float($0 % 1024) / 1023 - 1 }
  let clipped = try Clipped(values, radius: 1)
  let mean = values.reduce(0) { $0 + Double($1) } / Double(count)
  return {
    try Measurement {
      var ledger = BudgetLedger(budget: nil)
      return try ledger.release(clipped, through: mechanism, as: "values")
    } result: { released in
      let estimate = released.estimates().reduce(0) { $0 + Double($1) } / Double(count)
      return [(estimate - mean) / (mechanism.worstVariance / Double(count)).squareRoot()]
    }
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
