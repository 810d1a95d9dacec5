import Foundation
import LocalPrivacy
import Testing

@Suite struct NumericMechanismTests {
  static let kinds = NumericMechanism.Kind.allCases
  static let losses = [0.5, 1.0, 4.0, 8.0]

  @Test func `a loss outside 0.001 ... 20 is refused`() {
    for epsilon in [
      0, -1, 0.000999, 20.0000001, .infinity, -.infinity, .nan, .greatestFiniteMagnitude,
      .leastNonzeroMagnitude,
    ] {
      for kind in Self.kinds {
        #expect(throws: PrivacyError.self) { try NumericMechanism(kind, epsilon: epsilon) }
      }
      #expect(throws: PrivacyError.self) {
        try RandomizedResponse(categories: 2, epsilon: epsilon)
      }
    }
    let refusal = PrivacyError.epsilonOutOfRange(-1, least: 0.001, greatest: 20)
    #expect(refusal.description == "epsilon must be at least 0.001 and at most 20, got -1")
  }

  @Test func `every accepted loss makes a mechanism whose weights fit 64 bits`() throws {
    for epsilon in stride(from: 0.001, through: 20, by: 0.0097) {
      for kind in Self.kinds {
        let mechanism = try NumericMechanism(kind, epsilon: epsilon)
        #expect(mechanism.epsilon <= epsilon)
        #expect(mechanism.kind == kind)
      }
    }
    _ = try NumericMechanism(.hybrid, epsilon: 20)
  }

  /// The continuous mechanisms' variances, from the papers.
  static func continuousVariance(_ kind: NumericMechanism.Kind, _ epsilon: Double, _ t: Double)
    -> Double
  {
    let s = exp(epsilon / 2)
    let e = exp(epsilon)
    let duchi = ((e + 1) / (e - 1)) * ((e + 1) / (e - 1)) - t * t
    let piecewise = t * t / (s - 1) + (s + 3) / (3 * (s - 1) * (s - 1))
    let alpha = epsilon > 0.609352 ? 1 - 1 / s : 0
    return switch kind {
    case .duchi: duchi
    case .piecewise: piecewise
    case .hybrid: alpha * piecewise + (1 - alpha) * duchi
    }
  }

  @Test func `the grid's variance is within 3.4e-4 of the continuous mechanism's`() throws {
    for kind in Self.kinds {
      for epsilon in stride(from: 0.5, through: 8, by: 0.25) {
        let mechanism = try NumericMechanism(kind, epsilon: epsilon)
        for t in stride(from: -1.0, through: 1, by: 0.1) {
          let expected = Self.continuousVariance(kind, epsilon, t)
          // The width is rounded to an odd number; 1.4e-4 at the losses in common use.
          let tolerance = [0.5, 1, 2, 4, 8].contains(epsilon) ? 1.4e-4 : 3.4e-4
          let error = (mechanism.variance(at: t) - expected).magnitude
          #expect(error <= tolerance * expected, "\(kind) \(epsilon) at \(t)")
          #expect(mechanism.variance(at: t) <= mechanism.worstVariance)
        }
      }
    }
  }

  @Test func `the worst variances at epsilon 1 are the paper's`() throws {
    // Wang et al. 2019, section III, rounded to three digits after the point.
    for (kind, expected) in [
      (NumericMechanism.Kind.hybrid, 4.289), (.duchi, 4.683), (.piecewise, 5.224),
    ] {
      let variance = try NumericMechanism(kind, epsilon: 1).worstVariance
      #expect((variance - expected).magnitude < 1e-3, "\(kind)")
    }
  }

  @Test func `Piecewise beats Duchi in the worst case above 1.28978 and Hybrid beats both`() throws
  {
    for (epsilon, better) in [(1.289, false), (1.291, true)] {
      let piecewise = try NumericMechanism(.piecewise, epsilon: epsilon).worstVariance
      let duchi = try NumericMechanism(.duchi, epsilon: epsilon).worstVariance
      let hybrid = try NumericMechanism(.hybrid, epsilon: epsilon).worstVariance
      #expect((piecewise < duchi) == better)
      #expect(hybrid < min(piecewise, duchi))
    }
  }

  @Test func `the least mean variance changes from Duchi to Piecewise where it should`() throws {
    for (clip, epsilon) in [(1.0, 1.27), (1.5, 0.93), (2.5, 0.72)] {
      // The crossing is known to two digits after the point.
      let below = try NumericMechanism(.duchi, epsilon: epsilon - 0.01)
      let belowPiecewise = try NumericMechanism(.piecewise, epsilon: epsilon - 0.01)
      let above = try NumericMechanism(.duchi, epsilon: epsilon + 0.01)
      let abovePiecewise = try NumericMechanism(.piecewise, epsilon: epsilon + 0.01)
      #expect(
        below.meanVariance(clippedGaussianAt: clip)
          < belowPiecewise.meanVariance(clippedGaussianAt: clip))
      #expect(
        above.meanVariance(clippedGaussianAt: clip)
          > abovePiecewise.meanVariance(clippedGaussianAt: clip))
    }
    for (epsilon, ratio) in [(2.0, 0.91), (4, 0.76), (8, 0.66)] {
      let piecewise = try NumericMechanism(.piecewise, epsilon: epsilon)
      let hybrid = try NumericMechanism(.hybrid, epsilon: epsilon)
      let found =
        piecewise.meanVariance(clippedGaussianAt: 1) / hybrid.meanVariance(clippedGaussianAt: 1)
      #expect((found - ratio).magnitude < 0.01)
      #expect(
        try NumericMechanism.leastMeanVariance(epsilon: epsilon, clip: 1).kind == .piecewise)
    }
    #expect(try NumericMechanism.leastMeanVariance(epsilon: 0.5, clip: 1).kind == .duchi)
  }

  /// 120 z-tests at 6 standard deviations: a false failure in fewer than 3e-7 of all keys; the
  /// key is fixed besides.
  @Test(arguments: NumericMechanism.Kind.allCases, [0.5, 1.0, 4.0, 8.0])
  func `a million samples have the mean and variance that the mechanism states`(
    kind: NumericMechanism.Kind, epsilon: Double
  ) throws {
    let mechanism = try NumericMechanism(kind, epsilon: epsilon)
    let count = 1_000_000
    var noise = NoiseStream(reproducibleKey: [UInt8](repeating: UInt8(epsilon * 2), count: 32))
    for t in [-1, -0.3, 0, 0.371, 1] {
      let multiple = Int32((t * 0x1p30).rounded())
      let outputs = try mechanism.sample(
        [Int32](repeating: multiple, count: count), noise: &noise)
      let encoding = ReleaseEncoding.numbers(mechanism, radius: try ClippingRadius(1))
      let estimates = encoding.estimates(of: outputs).map { Double($0) }
      let n = Double(count)
      let mean = estimates.reduce(0, +) / n
      let variance = estimates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
      let fourth = estimates.reduce(0) {
        let square = ($1 - mean) * ($1 - mean)
        return $0 + square * square
      }
      let expected = mechanism.variance(at: t)
      let z = 6.0
      // 1e-6: estimates are rounded to Float.
      #expect((mean - t).magnitude < z * (expected / n).squareRoot() + 1e-6, "at \(t)")
      let spread = max(0, (fourth / n - variance * variance) / n).squareRoot()
      #expect(
        (variance - expected).magnitude
          < z * spread + z * z * expected / n + z * (expected / n).squareRoot() * 1e-5 + 1e-6,
        "at \(t)")
    }
  }

  /// Chi-square tests with 1 degree of freedom: scipy.stats.chi2.isf(1e-8, 1) = 32.84, so that false
  /// failures come up in fewer than 1e-7 of all keys; the key is fixed besides.
  @Test(arguments: [0.5, 1.0, 4.0])
  func `the hybrid's coin falls alike for all values`(epsilon: Double) throws {
    let mechanism = try NumericMechanism(.hybrid, epsilon: epsilon)
    let greatest = Int32(try NumericMechanism.piecewiseGrid(epsilon: epsilon).greatestOutput)
    let alpha = epsilon > 0.609352 ? 1 - exp(-epsilon / 2) : 0
    var noise = NoiseStream(reproducibleKey: [UInt8](repeating: 31, count: 32))
    // Not a multiple of what is drawn at once, so that the last part is cut short.
    let count = 100_003
    for t in [-1, 0.2, 1] {
      let outputs = try mechanism.sample(
        [Int32](repeating: Int32(t * 0x1p30), count: count), noise: &noise)
      let expected = alpha * Double(count)
      let found = Double(outputs.count { $0.magnitude <= greatest })
      #expect((found - expected) * (found - expected) <= 32.84 * expected * (1 - alpha), "at \(t)")
    }
  }

  @Test func `each value has its own output, in its place`() throws {
    // At epsilon 20 hardly any output is far from its value: Duchi's flip has the probability 2e-9,
    // and Piecewise leaves its block, 5e-5 wide, with that of 5e-5.
    var noise = NoiseStream(reproducibleKey: [UInt8](repeating: 32, count: 32))
    let values = (0..<5000).map { Int32($0 % 2 == 0 ? -1 : 1) << 30 }
    for kind in Self.kinds {
      let outputs = try NumericMechanism(kind, epsilon: 20).sample(values, noise: &noise)
      let astray = zip(values, outputs).count { ($0 > 0) != ($1 > 0) }
      // Binomial(5000, 1e-4) is above 15 with a probability of 1e-14.
      #expect(astray <= 15, "\(kind)")
    }
  }

  @Test func `values far outside the radius and NaN are clipped`() throws {
    let values: [Float] = [-.infinity, -7, -2, 0, 1, 2, 9, .infinity, .nan]
    let clipped = try Clipped(values, radius: 2)
    let one: Int32 = 1 << 30
    #expect(clipped.multiples == [-one, -one, -one, 0, one / 2, one, one, one, 0])
    for radius in [0, -1, .nan, .infinity, 1e-31, 1e31] {
      #expect(throws: PrivacyError.self) { try Clipped(values, radius: radius) }
    }
  }
}
