/// One step of a Gaussian sum over records that are each sampled with a probability q.
///
///     present: M = (1 - q) N(0, sigma^2) + q N(1, sigma^2),   absent: A = N(0, sigma^2)
///     loss(x)  = ln(dM / dA)(x) = ln(1 - q + q exp((2 x - 1) / (2 sigma^2)))
///
/// M and A are the worst pair of outputs when a record becomes empty, in units of the sensitivity:
/// given who else is sampled, the record adds a vector of length at most 1 with probability q
/// (Mironov, Talwar, Zhang 2019, section 3; Zhu, Dong, Wang 2022, Theorem 11). The loss is not
/// symmetric, so that both directions are composed and the greater figure counts.
struct SubsampledGaussian {
  enum Direction: CaseIterable {
    /// The outputs come from M and the loss is ln dM / dA.
    case present
    /// The outputs come from A and the loss is ln dA / dM.
    case absent
  }

  /// q, in (0, 1]; 1 samples every record, and the loss is a Gaussian's.
  let probability: Double
  /// sigma.
  let noiseMultiplier: Double

  var variance: Double { noiseMultiplier * noiseMultiplier }

  func loss(at x: Double) -> Double {
    let exponent = (2 * x - 1) / (2 * variance)
    // With q = 1 this is the exponent itself, where e^exponent - 1 would round to -1 too.
    guard exponent < 500, probability < 1 else {
      return exponent + naturalLogarithm(probability)
    }
    return logarithmOfOnePlus(probability * exponentialMinusOne(exponent))
  }

  /// The output with a given loss, above ln(1 - q).
  func output(withLoss loss: Double) -> Double {
    let odds =
      loss < 500 && probability < 1
      ? logarithmOfOnePlus(exponentialMinusOne(loss) / probability)
      : loss - naturalLogarithm(probability)
    return variance * odds + 0.5
  }

  /// The least loss ln(1 - q), and a greatest one whose outputs have a probability of at most
  /// `tail` under M and A. With every record sampled no loss is the least, and the lower end
  /// leaves out as much.
  func lossRange(tail: Double) -> ClosedRange<Double> {
    var deviations = 1.0
    while GaussianCurve.upperTail(deviations) > tail / 2 { deviations += 0.25 }
    let least =
      probability < 1
      ? logarithmOfOnePlus(-probability) : loss(at: -noiseMultiplier * deviations)
    return least...loss(at: 1 + noiseMultiplier * deviations)
  }

  /// The distribution of the loss on multiples of `step`.
  ///
  /// Outputs with a loss in a cell [l, l + step] are put at the cell's two ends, so that the
  /// probabilities P and Q of the cell under both neighbours are kept:
  ///
  ///     atUpper = (P - e^l Q) / (1 - e^-step),   atLower = P - atUpper
  ///
  /// That is an upper bound, and the least on these points: a loss l' inside the cell is a mixture
  /// of its ends that keeps the mean of e^-l', and each convex function of it grows (Doroshenko et
  /// al. 2022, "Connect the Dots"). All of it is evaluated with its rounding
  /// errors on the side of more mass and of greater losses.
  func distribution(
    _ direction: Direction, step: Double, range: ClosedRange<Double>
  ) -> LossDistribution {
    let firstEdge = Int((range.lowerBound / step).rounded(.down))
    let lastEdge = max(firstEdge + 1, Int((range.upperBound / step).rounded(.up)))
    let cells = lastEdge - firstEdge
    var masses = [Double](repeating: 0, count: cells + 1)
    let weight = -exponentialMinusOne(-step)
    var before = (absent: Tails(-.infinity), present: Tails(-.infinity))
    for cell in 0..<cells {
      let lower = Double(firstEdge + cell) * step
      let upper = Double(firstEdge + cell + 1) * step
      let x = upper > range.lowerBound ? output(withLoss: upper) : -.infinity
      let after = (
        absent: Tails(x / noiseMultiplier), present: Tails((x - 1) / noiseMultiplier)
      )
      let (a, aError) = before.absent.probability(to: after.absent)
      let (b, bError) = before.present.probability(to: after.present)
      before = after
      let p: Double
      let atUpper: Double
      switch direction {
      case .present:
        p = (1 - probability) * (a + aError) + probability * (b + bError)
        // P - e^l Q = (1 - q - e^l) A + q B, without the cancellation of 1 - e^l.
        let factor = -probability - exponentialMinusOne(lower)
        atUpper =
          (factor * a + probability * b + factor.magnitude * aError + probability * bError)
          / weight
      case .absent:
        p = a + aError
        // The cell's losses are -upper ... -lower: P - e^-upper Q with Q = (1 - q) A + q B.
        let decay = exponential(-upper)
        let factor = -exponentialMinusOne(-upper) + decay * probability
        atUpper =
          (factor * a - decay * probability * b + factor.magnitude * aError
            + decay * probability * bError) / weight
      }
      let kept = min(p, max(0, atUpper) + 0x1p-40 * p)
      let toUpper = direction == .present ? cell + 1 : cell
      let toLower = direction == .present ? cell : cell + 1
      masses[toUpper] += kept
      masses[toLower] += p - kept
    }
    // Outputs beyond the range: an infinite loss in one direction, the least in the other.
    var infinite = 0.0
    switch direction {
    case .present:
      infinite =
        (1 - probability) * before.absent.upperBound + probability * before.present.upperBound
    case .absent: masses[cells] += before.absent.upperBound
    }
    return LossDistribution(
      first: direction == .present ? firstEdge : -lastEdge, step: step,
      masses: direction == .present ? masses : masses.reversed(), infinite: infinite,
      // The computed output of an edge has that edge's loss within a few last places of
      // 1 + |loss|.
      lossError: 1e-14 * (1 + range.upperBound.magnitude))
  }

  /// The two tails of a standard normal variable at a point, the smaller one accurate.
  struct Tails {
    let isUpper: Bool
    let smaller: Double
    let error: Double

    init(_ z: Double) {
      isUpper = z > 0
      smaller = z.isInfinite ? 0 : GaussianCurve.upperTail(z.magnitude)
      error = z.isInfinite ? 0 : 0x1p-51 * (8 + z * z) * smaller
    }

    /// An upper bound of the upper tail.
    var upperBound: Double { isUpper ? smaller + error : 1 - smaller + error }

    /// The probability between two points and a bound of its error.
    func probability(to other: Tails) -> (Double, error: Double) {
      let difference =
        switch (isUpper, other.isUpper) {
        case (false, false): other.smaller - smaller
        case (true, true): smaller - other.smaller
        default: 1 - smaller - other.smaller
        }
      let rounding = isUpper == other.isUpper ? 0 : 0x1p-52
      return (max(0, difference), error: error + other.error + rounding)
    }
  }
}
