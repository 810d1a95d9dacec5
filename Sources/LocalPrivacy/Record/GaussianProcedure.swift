/// A training procedure as an accountant sees it: so many releases of a clipped sum over records,
/// each with Gaussian noise.
///
///     release[t] = sum over the sampled records of contribution[t] + N(0, (noiseMultiplier S)^2)
///
/// S bounds the L2 norm of one record's contribution to one release: under
/// ``Adjacency/zeroOut`` it is the L2 sensitivity of the sum. Each release may depend on all
/// earlier ones.
public struct GaussianProcedure: Hashable, Sendable {
  /// Which records take part in a step.
  public enum Sampling: Hashable, Sendable {
    /// All of them in every step.
    case everyRecord
    /// Each with the given probability, in 0 < probability < 1, independently in every step, and
    /// in secret.
    case poisson(probability: Double)
  }

  static let greatestSteps = 10_000_000
  /// Noise below a hundredth of the sensitivity protects nothing that an accountant can state.
  static let leastNoiseMultiplier = 0.01
  static let greatestNoiseMultiplier = 1e9
  static let leastProbability = 1e-9

  public let sampling: Sampling
  /// The number of releases, from 1 to 10^7.
  public let steps: Int
  /// The noise's standard deviation over the sensitivity of one step, from 0.01 to 10^9.
  public let noiseMultiplier: Double

  /// - Parameters:
  ///   - sampling: Which records take part in a step; a probability is from 1e-9 to below 1.
  ///   - steps: The number of releases, from 1 to 10^7.
  ///   - noiseMultiplier: The noise's standard deviation over the sensitivity of one step, from
  ///     0.01 to 10^9.
  /// - Throws: ``PrivacyError/probabilityOutOfRange(_:least:)``,
  ///   ``PrivacyError/stepsOutOfRange(_:greatest:)`` or
  ///   ``PrivacyError/noiseMultiplierOutOfRange(_:least:greatest:)``.
  public init(sampling: Sampling, steps: Int, noiseMultiplier: Double) throws {
    if case .poisson(let probability) = sampling {
      guard probability >= Self.leastProbability, probability < 1 else {
        throw PrivacyError.probabilityOutOfRange(probability, least: Self.leastProbability)
      }
    }
    guard steps >= 1, steps <= Self.greatestSteps else {
      throw PrivacyError.stepsOutOfRange(steps, greatest: Self.greatestSteps)
    }
    guard
      noiseMultiplier >= Self.leastNoiseMultiplier,
      noiseMultiplier <= Self.greatestNoiseMultiplier
    else {
      throw PrivacyError.noiseMultiplierOutOfRange(
        noiseMultiplier, least: Self.leastNoiseMultiplier, greatest: Self.greatestNoiseMultiplier)
    }
    self.sampling = sampling
    self.steps = steps
    self.noiseMultiplier = noiseMultiplier
  }
}

extension GaussianProcedure: Codable {
  private enum CodingKeys: String, CodingKey {
    case sampling, steps, noiseMultiplier, probability
  }

  private enum SamplingName: String, Codable {
    case everyRecord = "every record"
    case poisson
  }

  /// - Throws: As the other initialiser, and a `DecodingError` for another shape.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let sampling: Sampling =
      switch try container.decode(SamplingName.self, forKey: .sampling) {
      case .everyRecord: .everyRecord
      case .poisson:
        .poisson(probability: try container.decode(Double.self, forKey: .probability))
      }
    try self.init(
      sampling: sampling, steps: try container.decode(Int.self, forKey: .steps),
      noiseMultiplier: try container.decode(Double.self, forKey: .noiseMultiplier))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch sampling {
    case .everyRecord: try container.encode(SamplingName.everyRecord, forKey: .sampling)
    case .poisson(let probability):
      try container.encode(SamplingName.poisson, forKey: .sampling)
      try container.encode(probability, forKey: .probability)
    }
    try container.encode(steps, forKey: .steps)
    try container.encode(noiseMultiplier, forKey: .noiseMultiplier)
  }
}
