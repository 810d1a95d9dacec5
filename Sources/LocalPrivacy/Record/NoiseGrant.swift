/// The right to release the steps of one procedure, once: a ledger gives it after its debit.
///
/// Each step draws discrete Gaussian noise that is at least as wide as the procedure's multiple
/// of the sum's sensitivity, so that whatever the sums are, all steps together lose at most
/// ``loss``. It can't be copied, and draws from `NoiseStream`s of its own: no noise is drawn twice.
///
/// - Domain: sums of integers over records, each clipped to an L2 norm.
/// - Neighbours: two data sets that differ in one record (``Adjacency``).
/// - Sensitivity: L2 in grid steps, after rounding to the grid.
/// - Loss: ``loss``, an epsilon with a delta.
/// - Variance: that of ``DiscreteGaussian``, at most ``ReleasedSums/noiseDeviation`` squared.
/// - Proof: Balle, Wang 2018, Theorem 8, for every record; Mironov, Talwar, Zhang 2019, section
///   3, and Zhu, Dong, Wang 2022, Theorem 11, for sampled ones; `GaussianGrid` for the step from
///   continuous noise.
public struct NoiseGrant: ~Copyable {
  /// The slack for discrete noise in a loss covers a thousand grants of so many numbers.
  package static let greatestOutputs = GaussianGrid.greatestCoordinates >> 10

  /// What all steps together lose, debited already.
  public let loss: RecordLoss
  /// The number of steps that may still be released.
  public private(set) var remainingSteps: Int
  private var noise: NoiseStream
  /// Whether the noise comes from further fresh streams, by several threads.
  private let drawsConcurrently: Bool
  private var releasedOutputs = 0
  private var batchIsDrawn = false
  private var distribution: DiscreteGaussian?

  /// Only for a ledger, after the debit is kept where the procedure's releases will outlive it.
  package init(_ loss: RecordLoss) {
    self.init(loss, noise: NoiseStream(), drawsConcurrently: true)
  }

  /// With a given stream: a repeatable one is for tests of distributions only.
  package init(_ loss: RecordLoss, noise: consuming NoiseStream) {
    self.init(loss, noise: noise, drawsConcurrently: false)
  }

  private init(_ loss: RecordLoss, noise: consuming NoiseStream, drawsConcurrently: Bool) {
    self.loss = loss
    self.drawsConcurrently = drawsConcurrently
    remainingSteps = loss.procedure.steps
    self.noise = noise
  }

  /// The records of the next step, each taken with the procedure's probability; secret.
  ///
  /// A probability q is rounded down to a multiple of 2^-64, which loses no more than q does.
  ///
  /// - Parameter count: The number of records, at least 0; public.
  /// - Returns: Indices in `0 ..< count`, increasing; all of them without sampling.
  /// - Throws: ``PrivacyError/stepsExhausted(steps:)``, ``PrivacyError/batchOutOfStep`` when the
  ///   step's records were drawn already, ``PrivacyError/randomnessUnavailable``.
  package mutating func batch(of count: Int) throws -> [Int] {
    precondition(count >= 0)
    guard remainingSteps > 0 else {
      throw PrivacyError.stepsExhausted(steps: loss.procedure.steps)
    }
    guard !batchIsDrawn else { throw PrivacyError.batchOutOfStep }
    batchIsDrawn = true
    guard case .poisson(let probability) = loss.procedure.sampling else {
      return Array(0..<count)
    }
    let threshold = UInt64(probability * 0x1p64)
    var chosen: [Int] = []
    chosen.reserveCapacity(Int(Double(count) * probability * 1.2) + 16)
    for record in 0..<count where try noise.next() < threshold { chosen.append(record) }
    return chosen
  }

  /// Releases the next step.
  ///
  ///     output[i] = sum.values[i] + N_Z(0, variance)
  ///     variance = ceil(noiseMultiplier^2 sum.squaredSensitivity) + 4
  ///
  /// ``GaussianGrid`` proves that this loses no more than continuous noise of the procedure's
  /// multiplier.
  ///
  /// - Parameter sum: The step's clipped sum, over the records that ``batch(of:)`` drew.
  /// - Throws: ``PrivacyError/stepsExhausted(steps:)``; ``PrivacyError/batchOutOfStep`` when
  ///   records are sampled and this step's were not drawn;
  ///   ``PrivacyError/noiseOutOfRange(deviation:greatest:)`` when the noise would not fit the
  ///   sampler, ``PrivacyError/tooManyOutputs(greatest:)``; ``PrivacyError/randomnessUnavailable``.
  ///   A refused step draws nothing and is not counted.
  /// - Complexity: O(d) expected.
  package mutating func release(_ sum: ClippedSum) throws -> ReleasedSums {
    guard remainingSteps > 0 else {
      throw PrivacyError.stepsExhausted(steps: loss.procedure.steps)
    }
    guard batchIsDrawn || loss.procedure.sampling == .everyRecord else {
      throw PrivacyError.batchOutOfStep
    }
    guard sum.values.count <= Self.greatestOutputs - releasedOutputs else {
      throw PrivacyError.tooManyOutputs(greatest: Self.greatestOutputs)
    }
    let variance = try GaussianGrid.variance(
      noiseMultiplier: loss.procedure.noiseMultiplier,
      squaredSensitivity: sum.squaredSensitivity)
    let distribution =
      if let known = self.distribution, known.numerator == variance { known } else {
        DiscreteGaussian(variance: variance)
      }
    self.distribution = distribution
    // Counted before the noise is drawn, so that a failing cipher can't give a step twice.
    remainingSteps -= 1
    batchIsDrawn = false
    releasedOutputs += sum.values.count
    let count = sum.values.count
    var outputs =
      try drawsConcurrently
      ? distribution.sampleConcurrently(count: count)
      : distribution.sample(count: count, noise: &noise)
    for index in outputs.indices { outputs[index] += sum.values[index] }
    return ReleasedSums(
      outputs: outputs, gridStep: sum.gridStep,
      noiseDeviation: Double(variance).squareRoot() * sum.gridStep)
  }
}
