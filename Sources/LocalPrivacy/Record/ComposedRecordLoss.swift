/// The loss about one record of everything that was debited together: an upper bound.
public struct ComposedRecordLoss: Hashable, Sendable, Codable {
  /// How the losses were put together.
  public enum Method: String, Codable, Hashable, Sendable {
    /// The sums of epsilons and of deltas.
    case sum
    /// All are Gaussian sums over every record: one Gaussian, exactly.
    case gaussian
  }

  /// Rounded up; infinite when no method reaches the delta.
  public let epsilon: Double
  /// The delta at which ``epsilon`` holds.
  public let delta: Double
  public let method: Method
  /// What the loss protects.
  public var unit: PrivacyUnit { .record }
}

/// Composition of losses about records, each chosen after seeing the releases before it.
enum RecordComposition {
  /// The least of the valid bounds at a delta.
  ///
  /// - `sum`: Dwork, Roth 2014, Theorem 3.16; with losses chosen on the way as long as a limit
  ///   for the sums was set first, Rogers et al. 2016 (privacy
  ///   filters). It needs the deltas' sum to be
  ///   at most `delta`.
  /// - `gaussian`: Gaussian sums of multipliers m and steps T are together one Gaussian with
  ///
  ///       mu^2 = sum of T / m^2
  ///
  ///   Dong, Roth, Su 2019, Corollary 3.3; with multipliers chosen on the way, Smith, Thakurta
  ///   2022, "Fully Adaptive Composition for Gaussian Differential Privacy".
  ///
  /// Either alone is a valid filter. Which one counts follows from the procedures: `gaussian` where all
  /// take every record, `sum` where one samples. A party that decides **by looking at an earlier
  /// release** whether to ask for a procedure that samples may take both ways; what it releases is
  /// then (epsilon, 2 delta) at worst, as the transcripts of each way fail with delta.
  static func compose(_ losses: [RecordLoss], delta: Double) -> ComposedRecordLoss {
    var epsilonSum = 0.0
    var deltaSum = 0.0
    var squares = 0.0
    // The discrete noise's slack in the figure covers so many grants.
    var allGaussian = losses.count <= GaussianGrid.greatestCoordinates / NoiseGrant.greatestOutputs
    for loss in losses {
      epsilonSum = UpwardArithmetic.sum(epsilonSum, loss.epsilon)
      deltaSum = UpwardArithmetic.sum(deltaSum, loss.delta)
      let multiplier = loss.procedure.noiseMultiplier
      let square = (Double(loss.procedure.steps) / multiplier / multiplier).nextUp.nextUp
      squares = UpwardArithmetic.sum(squares, square)
      allGaussian = allGaussian && loss.procedure.sampling == .everyRecord
    }
    // The same figure as a single debit's own: sums of one and two parts round alike.
    let sum = deltaSum <= delta ? epsilonSum : .infinity
    let gaussian =
      allGaussian && !losses.isEmpty
      ? RecordAccountant.gaussian(mu: squares.squareRoot().nextUp, delta: delta) : .infinity
    return gaussian < sum
      ? ComposedRecordLoss(epsilon: gaussian, delta: delta, method: .gaussian)
      : ComposedRecordLoss(epsilon: sum, delta: delta, method: .sum)
  }
}
