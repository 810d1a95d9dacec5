public import LocalPrivacy

/// What a run of private training does, apart from its noise: every number is public.
///
/// Numbers chosen by looking at private records, such as the best of several runs, leak what they
/// were chosen by, and no figure here covers that.
public struct PrivateTrainingSettings: Sendable, Equatable {
  /// The greatest L2 norm of a record's gradient; longer ones are scaled down to it.
  public let clip: Double
  /// How many records a step takes on average.
  public let expectedBatch: Int
  /// The number of steps.
  public let steps: Int
  /// The rate of the first step; it falls to 0 along a cosine.
  public let learningRate: Double
  /// What moves the parameters.
  public let optimizer: PrivateOptimizer

  /// - Parameters:
  ///   - clip: The greatest L2 norm of a record's gradient, from 1e-6 to 1e6.
  ///   - expectedBatch: How many records a step takes on average, at least 1.
  ///   - steps: The number of steps, at least 1.
  ///   - learningRate: The rate of the first step, finite and above 0.
  ///   - optimizer: What moves the parameters; a momentum is from 0 to below 1.
  /// - Throws: ``PrivateTrainingError/setting(_:value:range:)``.
  public init(
    clip: Double, expectedBatch: Int, steps: Int, learningRate: Double,
    optimizer: PrivateOptimizer
  ) throws {
    func check(_ isFine: Bool, _ name: String, _ value: Double, _ range: String) throws {
      guard isFine else {
        throw PrivateTrainingError.setting(name, value: value, range: range)
      }
    }
    try check((1e-6...1e6).contains(clip), "the clipping norm", clip, "from 1e-6 to 1e6")
    try check(
      expectedBatch >= 1, "the expected number of records a step", Double(expectedBatch),
      "at least 1")
    try check(steps >= 1, "the number of steps", Double(steps), "at least 1")
    try check(
      learningRate > 0 && learningRate.isFinite, "the learning rate", learningRate,
      "finite and above 0")
    if case .sgd(let momentum) = optimizer {
      try check((0..<1).contains(momentum), "the momentum", momentum, "from 0 to below 1")
    }
    self.clip = clip
    self.expectedBatch = expectedBatch
    self.steps = steps
    self.learningRate = learningRate
    self.optimizer = optimizer
  }

  /// Which records take part in a step: each with probability `expectedBatch / records`.
  ///
  /// - Parameter records: The number of records, which is public; above `expectedBatch`.
  /// - Throws: ``PrivateTrainingError/expectedBatch(_:records:)``.
  public func sampling(records: Int) throws -> GaussianProcedure.Sampling {
    guard expectedBatch < records else {
      throw PrivateTrainingError.expectedBatch(expectedBatch, records: records)
    }
    return .poisson(probability: Double(expectedBatch) / Double(records))
  }

  /// The procedure of least noise that loses at most (epsilon, delta) about a record: what to ask
  /// a `RecordLedger` for.
  ///
  /// - Parameters:
  ///   - epsilon: Finite and above 0.
  ///   - delta: In 1e-100 ... 0.5, and below one over the number of records to mean anything.
  ///   - records: The number of records, which is public; above `expectedBatch`.
  /// - Throws: ``PrivateTrainingError/expectedBatch(_:records:)``; as
  ///   `GaussianProcedure.calibrated(epsilon:delta:steps:sampling:)`.
  public func procedure(epsilon: Double, delta: Double, records: Int) throws -> GaussianProcedure {
    try GaussianProcedure.calibrated(
      epsilon: epsilon, delta: delta, steps: steps, sampling: sampling(records: records))
  }
}

/// What moves parameters along noisy gradients; all of it is post-processing.
public enum PrivateOptimizer: Sendable, Equatable {
  /// velocity = momentum velocity + gradient,   parameter -= rate velocity
  case sgd(momentum: Double)
  /// Kingma & Ba 2015, Algorithm 1, with beta = (0.9, 0.999) and epsilon 1e-8.
  case adam
}
