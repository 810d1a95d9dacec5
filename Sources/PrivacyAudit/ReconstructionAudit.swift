public import LocalPrivacy

/// Attacks released numbers by estimating each of them, and compares how near the estimates are to
/// the truth with how near the stated noise lets them be.
///
///     estimate[i] = t[i] + noise of variance v(t[i])
///     theory      = sqrt(V / (V + mean of v(t[i]))),   V the variance of t
///
/// is the correlation of estimates and truth. The best linear reconstruction, the estimate shrunk
/// towards the mean, explains correlation² of the truth's variance. Less noise than stated shows as a
/// correlation above the theory, which is a violation; a fault that adds noise as one below it.
///
/// The interval of the correlation r needs no distribution: with standardised x and y and
///
///     influence[i] = x[i] y[i] - r (x[i]² + y[i]²) / 2
///     radius       = z deviation(influence) / sqrt(n) + z² max|influence| / 3n
///
/// (the asymptotic variance of r, Steiger, Hakstian 1982, equation 3.4; the second part is that of
/// Bernstein's inequality, for few values and rare large ones).
public struct ReconstructionAudit: Sendable {
  public static let leastValues = 1000

  /// Numbers that went into a release, and what an attacker makes of what came out.
  public struct Reconstruction: Sendable {
    /// What the numbers are.
    public let name: String
    /// The clipped numbers, over the radius: in [-1, 1], of shape `[n]`.
    public let truth: [Double]
    /// The unbiased estimates in the same units, of shape `[n]`.
    public let estimates: [Double]
    /// The variances that the mechanism states for them, of shape `[n]`.
    public let noiseVariances: [Double]
    /// The claimed loss of each.
    public let epsilon: Double

    /// - Parameters:
    ///   - name: What the numbers are.
    ///   - truth: The clipped numbers, over the radius, of shape `[n]`.
    ///   - estimates: The unbiased estimates in the same units, of shape `[n]`.
    ///   - noiseVariances: The variances that the mechanism states for them, of shape `[n]`.
    ///   - epsilon: The claimed loss of each.
    public init(
      name: String, truth: [Double], estimates: [Double], noiseVariances: [Double],
      epsilon: Double
    ) {
      precondition(truth.count == estimates.count && truth.count == noiseVariances.count)
      self.name = name
      self.truth = truth
      self.estimates = estimates
      self.noiseVariances = noiseVariances
      self.epsilon = epsilon
    }
  }

  /// What came of it.
  public struct Finding: Sendable, Hashable, Encodable {
    public let name: String
    public let values: Int
    /// The claimed loss of each.
    public let epsilon: Double
    /// Of estimates and truth.
    public let correlation: Double
    /// Half of its interval.
    public let radius: Double
    /// What the stated noise makes of it.
    public let theory: Double
    /// The part of the truth's variance that the best linear reconstruction explains.
    public let explained: Double
    public let verdict: AuditFinding.Verdict
  }

  /// That the correlation's interval holds the theory of an honest release.
  public let confidence: Double
  private let deviations: Double

  /// - Parameter confidence: That the correlation's interval holds the theory of an honest release,
  ///   from 0.5 to below 1.
  /// - Throws: ``AuditError/confidenceOutOfRange(_:)``.
  public init(confidence: Double) throws {
    guard confidence >= 0.5, confidence < 1 else {
      throw AuditError.confidenceOutOfRange(confidence)
    }
    self.confidence = confidence
    deviations = NormalDistribution.deviate(tail: (1 - confidence) / 2)
  }

  /// Releases numbers that look like clipped Gaussian weights through a ledger, and attacks them.
  ///
  /// - Parameters:
  ///   - values: How many, at least 1000.
  ///   - epsilon: The loss of each, from 0.001 to 20.
  /// - Throws: ``AuditError/tooFewValues(name:found:least:)``, and what the ledger throws.
  public func gaussianFinding(values: Int, epsilon: Double) throws -> Finding {
    let clip = 2.0
    let weights = (0..<values).map { index in
      Float(NormalDistribution.quantile((Double(index) + 0.5) / Double(values)))
    }
    let mechanism = try NumericMechanism.leastMeanVariance(epsilon: epsilon, clip: clip)
    let clipped = try Clipped(weights, radius: clip)
    var ledger = BudgetLedger(budget: nil)
    let released = try ledger.release(clipped, through: mechanism, as: "weights")
    return try finding(on: Reconstruction("Gaussian weights", of: clipped, released: released))
  }

  /// - Throws: ``AuditError/tooFewValues(name:found:least:)`` or
  ///   ``AuditError/constantValues(name:)``.
  /// - Complexity: O(n).
  public func finding(on attack: Reconstruction) throws -> Finding {
    let count = attack.truth.count
    guard count >= Self.leastValues else {
      throw AuditError.tooFewValues(name: attack.name, found: count, least: Self.leastValues)
    }
    let (truth, truthVariance) = Self.standardised(attack.truth)
    let (estimates, estimateVariance) = Self.standardised(attack.estimates)
    guard truthVariance > 0, estimateVariance > 0 else {
      throw AuditError.constantValues(name: attack.name)
    }
    let size = Double(count)
    let correlation = zip(truth, estimates).reduce(0) { $0 + $1.0 * $1.1 } / size
    var (squares, greatest) = (0.0, 0.0)
    for (x, y) in zip(truth, estimates) {
      let influence = x * y - correlation * (x * x + y * y) / 2
      squares += influence * influence
      greatest = max(greatest, influence.magnitude)
    }
    // 1e-9: the rounding of the sums.
    let radius =
      1e-9 + deviations * squares.squareRoot() / size + deviations * deviations * greatest
      / (3 * size)
    let noise = attack.noiseVariances.reduce(0, +) / size
    let theory = (truthVariance / (truthVariance + noise)).squareRoot()
    return Finding(
      name: attack.name, values: count, epsilon: attack.epsilon, correlation: correlation,
      radius: radius, theory: theory, explained: correlation * correlation,
      verdict: correlation - radius > theory
        ? .violated : correlation + radius < theory ? .noisier : .notRefuted)
  }

  /// Values less their mean, over their deviation, and their variance.
  private static func standardised(_ values: [Double]) -> (values: [Double], variance: Double) {
    let size = Double(values.count)
    let mean = values.reduce(0, +) / size
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / size
    let deviation = variance.squareRoot()
    return (values.map { ($0 - mean) / deviation }, variance)
  }
}

extension ReconstructionAudit.Reconstruction {
  /// What a release gives away of the numbers that went in.
  ///
  /// - Parameters:
  ///   - name: What the numbers are.
  ///   - clipped: What went in.
  ///   - released: What came out.
  public init(_ name: String, of clipped: Clipped, released: Released) {
    guard case .numbers(let mechanism, let radius) = released.encoding else {
      preconditionFailure("numbers are released as numbers")
    }
    let truth = clipped.multiples.map { Double($0) * 0x1p-30 }
    self.init(
      name: name, truth: truth,
      estimates: released.estimates().map { Double($0) / radius.value },
      noiseVariances: truth.map { mechanism.variance(at: $0) }, epsilon: mechanism.epsilon)
  }
}
