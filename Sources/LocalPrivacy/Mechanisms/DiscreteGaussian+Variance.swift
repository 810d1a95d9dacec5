extension DiscreteGaussian {
  private static let greatestTerm = 1 << 16
  private static let greatestNumerator = 1 << 60

  /// The distribution of an exact parameter, to look at: noise is drawn by a ``NoiseGrant`` only.
  ///
  /// - Parameters:
  ///   - numerator: That of the parameter s², which is from 1/16 to 2^60.
  ///   - denominator: From 1 to 2^16.
  /// - Throws: ``PrivacyError/scaleOutOfRange(numerator:denominator:greatest:)`` otherwise.
  public init(squaredScale numerator: Int, over denominator: Int) throws {
    guard denominator >= 1, denominator <= Self.greatestTerm, numerator >= 1,
      numerator <= Self.greatestNumerator, numerator >= (denominator + 15) / 16
    else {
      throw PrivacyError.scaleOutOfRange(
        numerator: numerator, denominator: denominator, greatest: Self.greatestTerm)
    }
    self.init(variance: UInt128(numerator), over: UInt128(denominator))
  }

  /// The variance of the noise, which is below its parameter s² = numerator / denominator.
  ///
  ///     sum of x² e^-(x² / 2 s²) / sum of e^-(x² / 2 s²)
  ///       = s² (1 - 4 pi² s² sum of k² q^(k²) / sum of q^(k²)),   q = e^(-2 pi² s²)
  ///
  /// over all integers x and k. The second form follows from the first by Poisson's summation formula;
  /// it is taken where it has few terms. Canonne, Kamath, Steinke 2020, Corollary 9, bounds both.
  public var variance: Double {
    let parameter = Double(numerator) / Double(denominator)
    guard parameter >= 0.5 else { return Self.moments(rate: 1 / (2 * parameter)) }
    let rate = 2 * Double.pi * Double.pi * parameter
    return parameter * (1 - 2 * rate * Self.moments(rate: rate))
  }

  /// The loss of one vector with this noise, as zero-concentrated privacy: squaredSensitivity / 2 s².
  ///
  /// Canonne, Kamath, Steinke 2020, Theorem 4.
  ///
  /// - Parameter squaredSensitivity: The square of the greatest L2 distance of two neighbours, at
  ///   least 0.
  /// - Returns: rho, rounded up.
  public func rho(squaredSensitivity: Int) -> Double {
    precondition(squaredSensitivity >= 0, "a squared distance is at least 0")
    guard squaredSensitivity > 0 else { return 0 }
    // Each of the conversions and the quotient is within 2^-53 of itself.
    let product = Double(UInt128(squaredSensitivity) * denominator).nextUp
    return (product / Double(2 * numerator).nextDown).nextUp
  }

  /// sum of k² e^-(rate k²) / sum of e^-(rate k²) over all integers; the terms vanish below 1e-300.
  private static func moments(rate: Double) -> Double {
    var (weights, squares) = (1.0, 0.0)
    var index = 1.0
    while true {
      let weight = 2 * exponential(-rate * index * index)
      guard weight > 1e-300 else { return squares / weights }
      weights += weight
      squares += weight * index * index
      index += 1
    }
  }
}
