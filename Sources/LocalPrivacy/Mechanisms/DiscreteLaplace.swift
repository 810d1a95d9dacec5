/// Discrete Laplace noise on clipped integers, drawn exactly.
///
///     output = value + x,   P(x) proportional to e^-(|x| / scale),   scale = numerator / denominator
///
/// The sum is clamped to 45 scales beyond the bounds, so that it has a fixed size on the wire. That
/// changes a number with a probability below 2^-63, and costs nothing.
///
/// - Domain: integers in public bounds (``IntegerBounds``) that are no wider than ``sensitivity``.
/// - Neighbours: any two integers of the domain (``PrivacyUnit/value``).
/// - Sensitivity: L1, ``sensitivity``.
/// - Loss: pure ``epsilon`` = sensitivity / scale, rounded up.
/// - Variance: ``variance``, 2 e^(1 / scale) / (e^(1 / scale) - 1)².
/// - Proof: the probabilities of an output under two values u and v have the ratio
///   e^((|output - v| - |output - u|) / scale), at most e^(|u - v| / scale). Clamping is
///   post-processing. Ghosh, Roughgarden, Sundararajan 2009; Canonne, Kamath, Steinke 2020, section 5.
///
/// Deviation from Algorithm 2 of the latter: the binary digits of the magnitude are independent, so that
/// each is drawn by itself and nothing but -0 is rejected (`GeometricDigits`). The time depends on the
/// noise, never on what the noise is added to.
public struct DiscreteLaplace: Hashable, Sendable {
  /// More than a scale of 2^24 can hide at any accepted loss.
  static let greatestSensitivity = 1 << 30
  /// Keeps the noise's reach within 2^30.
  static let greatestScale = 1 << 24
  private static let greatestTerm = 1 << 62
  /// Above 64 ln 2 = 44.36: further from 0 lies less than 2^-63 of the noise.
  private static let reachInScales: UInt128 = 45
  /// The digits of a scale that is made for an epsilon.
  private static let epsilonBits = 32

  /// The greatest distance of two inputs, from 1 to 2^30.
  public let sensitivity: Int
  /// With ``scaleDenominator``, the scale in lowest terms.
  public let scaleNumerator: Int
  public let scaleDenominator: Int
  /// The loss of one released integer, rounded up.
  public let epsilon: Double
  package let digits: GeometricDigits

  /// The least noise of a loss, with a scale of sensitivity 2^32 / floor(epsilon 2^32).
  ///
  /// - Parameters:
  ///   - sensitivity: The greatest distance of two inputs, from 1 to 2^30: the width of their bounds.
  ///   - epsilon: The greatest loss of an integer, from 0.001 to 20.
  /// - Throws: ``PrivacyError/epsilonOutOfRange(_:least:greatest:)``, also for NaN;
  ///   ``PrivacyError/sensitivityOutOfRange(_:greatest:)``;
  ///   ``PrivacyError/noiseOutOfRange(deviation:greatest:)`` for a scale above 2^24.
  public init(sensitivity: Int, epsilon: Double) throws {
    guard epsilon >= Odds.leastEpsilon, epsilon <= Odds.greatestEpsilon else {
      throw PrivacyError.epsilonOutOfRange(
        epsilon, least: Odds.leastEpsilon, greatest: Odds.greatestEpsilon)
    }
    guard sensitivity >= 1, sensitivity <= Self.greatestSensitivity else {
      throw PrivacyError.sensitivityOutOfRange(sensitivity, greatest: Self.greatestSensitivity)
    }
    // Neither product leaves 63 bits.
    try self.init(
      sensitivity: sensitivity, scale: sensitivity << Self.epsilonBits,
      over: Int(epsilon * 0x1p32))
  }

  /// Noise of an exact scale.
  ///
  /// - Parameters:
  ///   - sensitivity: The greatest distance of two inputs, from 1 to 2^30: the width of their bounds.
  ///   - numerator: The scale's numerator, from 1 to 2^63 - 1.
  ///   - denominator: The scale's denominator, from 1 to 2^62; the scale is at most 2^24.
  /// - Throws: ``PrivacyError/sensitivityOutOfRange(_:greatest:)``,
  ///   ``PrivacyError/scaleOutOfRange(numerator:denominator:greatest:)``;
  ///   ``PrivacyError/noiseOutOfRange(deviation:greatest:)`` for a scale above 2^24;
  ///   ``PrivacyError/epsilonOutOfRange(_:least:greatest:)`` when the loss is not from 0.001 to 20.
  public init(sensitivity: Int, scale numerator: Int, over denominator: Int) throws {
    try self.init(
      sensitivity: sensitivity, scale: numerator, over: denominator, digitCount: nil)
  }

  /// - Parameter digitCount: Few digits of the magnitude and of each probability, for tests: the rare
  ///   paths so become common.
  package init(
    sensitivity: Int, scale numerator: Int, over denominator: Int, digitCount: Int?
  ) throws {
    guard sensitivity >= 1, sensitivity <= Self.greatestSensitivity else {
      throw PrivacyError.sensitivityOutOfRange(sensitivity, greatest: Self.greatestSensitivity)
    }
    guard numerator >= 1, denominator >= 1, denominator <= Self.greatestTerm else {
      throw PrivacyError.scaleOutOfRange(
        numerator: numerator, denominator: denominator, greatest: Self.greatestTerm)
    }
    guard
      numerator / Self.greatestScale < denominator
        || (numerator % Self.greatestScale == 0 && numerator / Self.greatestScale == denominator)
    else {
      throw PrivacyError.noiseOutOfRange(
        deviation: Double(numerator) / Double(denominator) * 2.0.squareRoot(),
        greatest: Double(Self.greatestScale) * 2.0.squareRoot())
    }
    let divisor = Self.greatestCommonDivisor(numerator, denominator)
    let (reduced, base) = (numerator / divisor, denominator / divisor)
    let loss = Self.quotientRoundedUp(UInt128(sensitivity) * UInt128(base), over: UInt128(reduced))
    // The digits of an epsilon of 0.001 are cut off.
    guard loss >= Odds.leastEpsilon - 0x1p-32, loss <= Odds.greatestEpsilon else {
      throw PrivacyError.epsilonOutOfRange(
        loss, least: Odds.leastEpsilon, greatest: Odds.greatestEpsilon)
    }
    self.sensitivity = sensitivity
    scaleNumerator = reduced
    scaleDenominator = base
    epsilon = loss
    // The least power of two that is so many scales or more, at least 2.
    var count = 1
    while UInt128(base) << UInt128(count) < Self.reachInScales * UInt128(reduced) { count += 1 }
    digits = GeometricDigits(
      UInt128(base), over: UInt128(reduced), count: min(count, digitCount ?? 64),
      digitCount: digitCount ?? 64)
  }

  /// numerator / denominator.
  public var scale: Double { Double(scaleNumerator) / Double(scaleDenominator) }

  /// The variance of a released integer, which is unbiased, in squared units.
  ///
  ///     2 e^(1 / scale) / (e^(1 / scale) - 1)²
  public var variance: Double {
    let rate = Double(scaleDenominator) / Double(scaleNumerator)
    let excess = exponentialMinusOne(-rate)
    return 2 * exponential(-rate) / (excess * excess)
  }

  /// The probability that an output is so far from its value.
  ///
  ///     P(x) = (1 - g) / (1 + g) g^|x|,   g = e^-(1 / scale)
  ///
  /// - Parameter distance: |x|, at least 0.
  public func probability(atDistance distance: Int) -> Double {
    precondition(distance >= 0, "a distance is at least 0")
    let rate = Double(scaleDenominator) / Double(scaleNumerator)
    let rest = -exponentialMinusOne(-rate)
    return rest / (2 - rest) * exponential(-rate * Double(distance))
  }

  /// The outputs are at most so far outside the bounds: 2^I - 1, with 2^I of 45 to 90 scales.
  var reach: Int { (1 << digits.count) - 1 }

  private static func greatestCommonDivisor(_ one: Int, _ other: Int) -> Int {
    var (one, other) = (one, other)
    while other != 0 { (one, other) = (other, one % other) }
    return one
  }

  /// The least `Double` that is at least n / d, where that is above 2^-10; not exact above 2^6, where it
  /// is out of range anyway.
  private static func quotientRoundedUp(_ numerator: UInt128, over denominator: UInt128) -> Double {
    var quotient = (Double(numerator) / Double(denominator)).nextDown.nextDown
    guard quotient > 0x1p-10, quotient < 64 else { return quotient }
    let target = numerator.multipliedFullWidth(by: 1 << 63)
    while true {
      // From 2^-10 on, the last place of a `Double` is 2^-62 or more.
      let reached = UInt128(quotient * 0x1p63).multipliedFullWidth(by: denominator)
      if reached.high > target.high || (reached.high == target.high && reached.low >= target.low) {
        return quotient
      }
      quotient = quotient.nextUp
    }
  }
}
