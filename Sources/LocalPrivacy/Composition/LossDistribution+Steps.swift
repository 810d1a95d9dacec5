/// Many steps of one loss distribution, by the Fourier transform, with every error on the side
/// of a greater loss.
extension LossDistribution {
  /// How to compose: in which window, and tilted by how much.
  struct Plan {
    /// lambda, at least 0.
    let tilt: Double
    /// The order of the bound of what lies above the window.
    let tailOrder: Double
    /// Where the composed loss lies, but for a share of delta above it, and small shares of the
    /// tilted mass on either side.
    let window: ClosedRange<Double>
  }

  private static let shareAbove = 1e-4
  private static let shareWrapped = 1e-7

  /// Chernoff's bounds of the composed loss, over a grid of orders.
  ///
  ///     P[L > top] <= exp(steps cumulant(order) - order top)
  ///
  /// Any plan gives an upper bound of the loss; this one gives a low one.
  func plan(steps: Int, delta: Double) -> Plan? {
    let n = Double(steps)
    let support = support()
    func cumulant(_ order: Double) -> Double { Self.cumulant(order, of: support) }
    // e^-7 ... e^20: orders near ln(1 / delta) / epsilon, for epsilon from 1e-7 to 1e4.
    let orders = stride(from: -7.0, through: 20, by: 0.5).map(exponential)
    let cumulants = orders.map { n * cumulant($0) }
    func quantile(_ index: Int, _ probability: Double) -> Double {
      (cumulants[index] - naturalLogarithm(probability)) / orders[index]
    }
    let finite = orders.indices.filter { cumulants[$0].isFinite }
    guard
      let saddle = finite.min(by: { quantile($0, delta) < quantile($1, delta) }),
      let above = finite.min(by: {
        quantile($0, delta * Self.shareAbove) < quantile($1, delta * Self.shareAbove)
      })
    else { return nil }
    // At the saddle point the tilted losses lie around epsilon, and half-way there they have a
    // lighter upper tail to fit into the window, at a transform's error of about 1e-10 times the
    // root of delta.
    let tilt = delta >= 1e-15 ? orders[saddle] / 2 : orders[saddle]
    let atTilt = n * cumulant(tilt)
    let share = naturalLogarithm(Self.shareWrapped)
    let bottom = orders.map { (share + atTilt - n * cumulant(tilt - $0)) / $0 }
      .filter(\.isFinite).max()
    let tiltedTop = orders.map { (n * cumulant(tilt + $0) - atTilt - share) / $0 }
      .filter(\.isFinite).min()
    guard let bottom, let tiltedTop else { return nil }
    let top = max(tiltedTop, quantile(above, delta * Self.shareAbove))
    guard top.isFinite, top > bottom else { return nil }
    return Plan(tilt: tilt, tailOrder: orders[above], window: bottom...top)
  }

  /// An upper bound of the least epsilon with delta(epsilon) <= delta for all steps together;
  /// infinite when the window does not reach it.
  ///
  /// The masses are tilted, mass e^(tilt loss - cumulant), so that the losses near epsilon
  /// become the likely ones and errors are relative to delta. A circular convolution of `points`
  /// numbers is the true one wrapped round. What wraps into the window from either side adds mass
  /// that is not there, on the safe side; what lies above the window is bounded besides and added
  /// to delta, and so is the probability of an infinite loss in any step.
  ///
  /// Each transformed number z is within eta of the exact one, so that its power is within
  /// steps (|z| + eta)^(steps - 1) (eta + 8 x 2^-53 |z|). By Cauchy-Schwarz and Parseval all
  /// composed masses together are off by at most the root of the sum of the squares of these, plus
  /// the inverse transform's own error.
  ///
  /// - Parameter points: The size of the transform, a power of two.
  func epsilon(steps: Int, delta: Double, plan: Plan, points: Int) -> Double {
    let n = Double(steps)
    let support = support()
    let cumulant = Self.cumulant(plan.tilt, of: support)
    var real = [Double](repeating: 0, count: points)
    var imaginary = real
    for (index, mass) in masses.enumerated() where mass > 0 {
      let exponent = plan.tilt * loss(index) - cumulant
      let tilted =
        exponent < 600
        ? mass * exponential(exponent) : exponential(exponent + naturalLogarithm(mass))
      real[(first + index) & (points - 1)] += tilted
    }
    let norm = real.reduce(0, +)
    let transform = FourierTransform(count: points)
    transform.transform(&real, &imaginary)
    let eta = transform.relativeError * norm
    var squaredError = 0.0
    var magnitudes = 0.0
    for f in 0..<points {
      let squared = real[f] * real[f] + imaginary[f] * imaginary[f]
      let magnitude = squared.squareRoot() + eta
      let power = exponential((n - 1) * naturalLogarithm(magnitude))
      let error = n * power * (eta + 0x1p-50 * magnitude)
      squaredError += error * error
      magnitudes += power * magnitude
      // The inverse transform is the forward one of the conjugates.
      (real[f], imaginary[f]) = Self.power(real[f], -imaginary[f], steps)
    }
    transform.transform(&real, &imaginary)
    let error =
      (squaredError.squareRoot() + transform.relativeError * magnitudes) * (1 + 1e-6)

    // 1e-12: the exponents' rounding in one step's tilted masses.
    let inflation = exponential(n * 1e-12) * (1 + 1e-9)
    let tail = exponential(
      n * Self.cumulant(plan.tailOrder, of: support) - plan.tailOrder * plan.window.upperBound)
    let always = n * infinite + tail * (1 + 1e-9)
    // The window's top stays; a bottom that the points do not reach wraps up, which is safe.
    var index = Int((plan.window.upperBound / step).rounded(.up))
    let bottom = max(Int((plan.window.lowerBound / step).rounded(.down)), index - points + 1)
    // All mass at losses above e, and the same weighted with exp(e - loss).
    var above = 0.0
    var discounted = 0.0
    var result = Double.infinity
    let decay = exponential(-step)
    while index >= bottom, index >= 0 || result == .infinity {
      let e = Double(index) * step
      let scale = exponential(n * cumulant - plan.tilt * e) * inflation
      discounted *= decay
      let reached =
        max(0, above - discounted) * (1 + 1e-9) + 1e-12 * above + always + error * scale
      guard reached <= delta else { break }
      result = e
      let mass = max(0, real[index & (points - 1)] / Double(points)) * scale
      above += mass
      discounted += mass
      index -= 1
    }
    return max(0, result) + n * lossError
  }

  /// z^exponent by squaring.
  private static func power(_ real: Double, _ imaginary: Double, _ exponent: Int) -> (
    Double, Double
  ) {
    var base = (real, imaginary)
    var result = (1.0, 0.0)
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 {
        result = (
          result.0 * base.0 - result.1 * base.1, result.0 * base.1 + result.1 * base.0
        )
      }
      base = (base.0 * base.0 - base.1 * base.1, 2 * base.0 * base.1)
      rest >>= 1
    }
    return result
  }
}
