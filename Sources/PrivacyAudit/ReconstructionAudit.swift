internal import Foundation
public import LocalPrivacy

/// Attacks released numbers by estimating each of them, and compares how near the estimates are to
/// the truth with how near the stated noise lets them be.
///
///     estimate[i] = t[i] + noise of variance v(t[i])
///     theory      = sqrt(V / (V + mean of v(t[i]))),   V the variance of t
///
/// is the correlation of estimates and truth. The best linear reconstruction, the estimate shrunk
/// towards the mean, explains correlation² of the truth's variance. Less noise than stated shows as a
/// correlation above what it allows, which is a violation; a fault that adds noise as one below it.
///
/// What it allows holds for every number of values and every bounded noise e = estimate - t of at most
/// M. With deviations d from the mean of t,
///
///     correlation = (V + A) / sqrt(V (V + 2 A + Q - B²)),   A = mean d e,  B = mean e,  Q = mean e²
///
/// which grows with A and falls with Q - B². A and B are centred; Q has the mean v of the variances. Each
/// tail has a sixth of the allowed error, L = ln(6 / (1 - confidence)):
///
///     |A| <= sqrt(2 L mean(d² v) / n) + L M max|d| / 3n      (Bernstein; likewise |B|)
///     Q <= v + sqrt(2 L M² v / n) + L M² / 3n,   Q >= v - sqrt(2 L M² v / n)
///
/// Boucheron, Lugosi, Massart 2013, "Concentration Inequalities", Theorem 2.10, and for the least Q
/// Maurer 2003, "A bound on the deviation probability for sums of non-negative random variables".
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
    /// No estimate is further from the truth, in the same units.
    public let greatestError: Double
    /// The claimed loss of each.
    public let epsilon: Double

    /// - Parameters:
    ///   - name: What the numbers are.
    ///   - truth: The clipped numbers, over the radius, of shape `[n]`.
    ///   - estimates: The unbiased estimates in the same units, of shape `[n]`.
    ///   - noiseVariances: The variances that the mechanism states for them, of shape `[n]`.
    ///   - greatestError: No estimate is further from the truth, in the same units.
    ///   - epsilon: The claimed loss of each.
    public init(
      name: String, truth: [Double], estimates: [Double], noiseVariances: [Double],
      greatestError: Double, epsilon: Double
    ) {
      precondition(truth.count == estimates.count && truth.count == noiseVariances.count)
      self.name = name
      self.truth = truth
      self.estimates = estimates
      self.noiseVariances = noiseVariances
      self.greatestError = greatestError
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
    /// What the stated noise makes of it.
    public let theory: Double
    /// The least and the greatest that the stated noise allows.
    public let least: Double
    public let greatest: Double
    /// The part of the truth's variance that the best linear reconstruction explains.
    public let explained: Double
    public let verdict: AuditFinding.Verdict
  }

  /// That the correlation of an honest release is within what its noise allows.
  public let confidence: Double

  /// - Parameter confidence: That the correlation of an honest release is within what its noise
  ///   allows, from 0.5 to below 1.
  /// - Throws: ``AuditError/confidenceOutOfRange(_:)``.
  public init(confidence: Double) throws {
    guard confidence >= 0.5, confidence < 1 else {
      throw AuditError.confidenceOutOfRange(confidence)
    }
    self.confidence = confidence
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
    let truth = Self.centred(attack.truth)
    let estimates = Self.centred(attack.estimates)
    let size = Double(count)
    func mean(_ products: some Sequence<Double>) -> Double { products.reduce(0, +) / size }
    let variance = mean(truth.map { $0 * $0 })
    let estimateVariance = mean(estimates.map { $0 * $0 })
    guard variance > 0, estimateVariance > 0 else {
      throw AuditError.constantValues(name: attack.name)
    }
    let correlation =
      mean(zip(truth, estimates).map(*)) / (variance * estimateVariance).squareRoot()

    let tail = log(6 / (1 - confidence))
    let bound = attack.greatestError
    let noise = mean(attack.noiseVariances)
    /// How far a mean of centred numbers may be from 0, given their variance and their bound.
    func deviation(_ variance: Double, _ bound: Double) -> Double {
      (2 * tail * variance / size).squareRoot() + tail * bound / (3 * size)
    }
    let covariance = deviation(
      mean(zip(truth, attack.noiseVariances).map { $0 * $0 * $1 }),
      bound * (truth.map(\.magnitude).max() ?? 0))
    let offset = deviation(noise, bound)
    let squares = (
      least: max(0, noise - (2 * tail * bound * bound * noise / size).squareRoot()),
      greatest: noise + deviation(bound * bound * noise, bound * bound)
    )
    func allowed(_ covariance: Double, _ square: Double) -> Double {
      let total = variance + 2 * covariance + square
      return total > 0 ? (variance + covariance) / (variance * total).squareRoot() : 1
    }
    // 1e-9: the rounding of the sums.
    let least = max(-1, allowed(-covariance, squares.greatest) - 1e-9)
    let greatest =
      min(1, allowed(covariance, max(0, squares.least - offset * offset))) + 1e-9
    return Finding(
      name: attack.name, values: count, epsilon: attack.epsilon, correlation: correlation,
      theory: allowed(0, noise), least: least, greatest: greatest,
      explained: correlation * correlation,
      verdict: correlation > greatest ? .violated : correlation < least ? .noisier : .notRefuted)
  }

  /// Values less their mean.
  private static func centred(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.map { $0 - mean }
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
    // C = (s + 1) / (s - 1) of the Piecewise Mechanism, which is above Duchi's (e^epsilon + 1) /
    // (e^epsilon - 1); a thousandth for the grid.
    let root = exp(mechanism.epsilon / 2)
    let greatest = 1.001 * (root + 1) / (root - 1)
    self.init(
      name: name, truth: truth,
      estimates: released.estimates().map { Double($0) / radius.value },
      noiseVariances: truth.map { mechanism.variance(at: $0) },
      greatestError: greatest + 1, epsilon: mechanism.epsilon)
  }
}
