internal import LocalPrivacy
internal import Tensors

/// An array of a party as others see it: what was sent, and how noisy it is known to be.
struct Message {
  /// Unbiased estimates of what the party holds, up to clipping.
  let estimate: Tensor
  /// The variance of the noise in one entry: public, on average over the expected values.
  let noiseVariance: Double
  /// The size of the message in bytes.
  let byteCount: Int
}

/// What a party says of the probes' classes.
enum Vote {
  /// As it is, shape `[m, classes]`.
  case logProbabilities(Tensor)
  /// The predicted labels, randomised.
  case labels(Released)
}

/// Where a party's values leave it, and the only place: clipped, debited, randomised, sent.
struct Outbox {
  private let disclosure: FusionSettings.Disclosure
  private(set) var ledger = BudgetLedger(budget: nil)
  private(set) var byteCount = 0

  init(_ disclosure: FusionSettings.Disclosure) { self.disclosure = disclosure }

  /// Sends an array of numbers.
  ///
  /// - Parameters:
  ///   - values: What the party holds.
  ///   - radius: The public bound that values are clipped to.
  ///   - deviations: The radius in expected standard deviations of the values: how they are likely
  ///     to lie within it, which decides the mechanism.
  ///   - name: What the array is; public.
  mutating func send(
    _ values: Tensor, radius: Double, deviations: Double, as name: String
  ) throws -> Message {
    switch disclosure {
    case .open:
      let bytes = values.count * values.elementType.byteCount
      byteCount += bytes
      return Message(estimate: values, noiseVariance: 0, byteCount: bytes)
    case .randomized(let epsilon, _):
      let mechanism = try NumericMechanism.leastMeanVariance(epsilon: epsilon, clip: deviations)
      let clipped = try Clipped(values.cast(to: .float32).elements(), radius: radius)
      let released = try ledger.release(clipped, through: mechanism, as: name)
      byteCount += released.byteCount
      return Message(
        estimate: try Tensor(released.estimates(), shape: values.shape),
        noiseVariance: mechanism.meanVariance(clippedGaussianAt: deviations) * radius * radius,
        byteCount: released.byteCount)
    }
  }

  /// Sends predictions as votes; nothing where the network is no classifier.
  mutating func vote(_ party: PreparedParty) throws -> Vote? {
    guard let logProbabilities = party.logProbabilities, logProbabilities.shape[1] > 1 else {
      return nil
    }
    switch disclosure {
    case .open:
      byteCount += logProbabilities.count * logProbabilities.elementType.byteCount
      return .logProbabilities(logProbabilities)
    case .randomized(_, let voteEpsilon):
      let response = try RandomizedResponse(
        categories: logProbabilities.shape[1], epsilon: voteEpsilon)
      let released = try ledger.release(party.labels(), through: response, as: "votes")
      byteCount += released.byteCount
      return .labels(released)
    }
  }
}
