/// Steps of one or several loss distributions together, by the Fourier transform, with every error
/// on the side that is asked for.
///
/// Masses are tilted, mass e^(tilt loss - cumulant), so that the losses near epsilon become the
/// likely ones and errors are relative to delta. A circular convolution of `points` numbers is the
/// true one wrapped round.
///
/// Each transformed number z of a part is within eta of the exact one, so that the product over
/// the parts of z^steps is off by at most
///
///     product of (|z| + eta)^steps   x   sum of steps (eta + 8 x 2^-53 |z|) / (|z| + eta)
///
/// By Cauchy-Schwarz and Parseval all composed masses together are off by at most the root of the
/// sum of the squares of these, plus the inverse transform's own error.
struct ComposedDistribution {
  struct Part {
    let distribution: LossDistribution
    let steps: Int
    fileprivate let support: [(loss: Double, logarithm: Double)]

    init(_ distribution: LossDistribution, steps: Int) {
      self.distribution = distribution
      self.steps = steps
      support = distribution.support()
    }

    /// ln of the mean of e^(order loss) of one step.
    func cumulant(_ order: Double) -> Double {
      LossDistribution.cumulant(order, of: support)
    }
  }

  /// On which side of the exact delta a figure is.
  enum Side {
    case above, below
  }

  /// All on grids with the same step.
  let parts: [Part]
  let plan: LossPlan
  /// The size of the transform, a power of two.
  let points: Int

  private func cumulant(_ order: Double) -> Double {
    parts.reduce(0) { $0 + Double($1.steps) * $1.cumulant(order) }
  }

  private var step: Double { parts.first?.distribution.step ?? 1 }
  private var steps: Double { parts.reduce(0) { $0 + Double($1.steps) } }

  /// A bound of the least epsilon with delta(epsilon) <= delta for all steps together.
  ///
  /// Going down the grid, with m the mass at a loss e and all sums of numbers above 0,
  ///
  ///     D(e) = m(e) + e^-step D(e + step)
  ///     S(e - x) = S(e) + (1 - e^-x) D(e),   0 <= x <= step
  ///
  /// S is delta of what lies in the window. Whatever the masses' error, it changes S(e) by no more
  /// than error e^(cumulant - tilt e): the factor that unties the tilt falls with the loss.
  ///
  /// - `above`, for distributions that bound from above: what wraps into the window is mass too
  ///   much, on the safe side; what lies above the window is bounded besides and added, and so is
  ///   the probability of an infinite loss in any step. Infinite when the window does not reach
  ///   delta.
  /// - `below`, for distributions that bound from below: what lies outside the window counts as
  ///   nothing, and what wraps into it is bounded and taken off. 0 when nothing is known.
  func epsilon(delta: Double, side: Side) -> Double {
    let composed = masses()
    // The window's top stays.
    let top = Int((plan.window.upperBound / step).rounded(.up))
    let lowest = Int((plan.window.lowerBound / step).rounded(.down))
    let bottom = max(lowest, top - points + 1)
    // 1e-12: the exponents' rounding in one step's tilted masses, and in one cumulant.
    let rounding =
      exponential(steps * 1e-12 * (2 + composed.cumulant.magnitude / steps))
      * (1 + 1e-9)
    var error = composed.error
    var always = 0.0
    switch side {
    case .above:
      let tail = exponential(
        cumulant(plan.tailOrder) - plan.tailOrder * Double(top) * step)
      always =
        tail * rounding
        + parts.reduce(0) { $0 + Double($1.steps) * $1.distribution.infinite }
    case .below:
      let orders = plan.wrappingOrders
      let above = exponential(
        cumulant(plan.tilt + orders.above) - composed.cumulant
          - orders.above * Double(top) * step)
      // The numbers of the transform reach down to here, whatever part of them is read.
      let below = exponential(
        cumulant(plan.tilt - orders.below) - composed.cumulant
          + orders.below * Double(top - points + 1) * step)
      error += (above + below) * rounding
    }
    let lossError = parts.reduce(0) {
      $0 + Double($1.steps) * $1.distribution.lossError
    }
    let factor = side == .above ? rounding : 1 / rounding
    let sign: Double = side == .above ? 1 : -1
    func scale(_ index: Int) -> Double {
      exponential(composed.cumulant - plan.tilt * Double(index) * step)
    }
    // The bound of delta at a grid point, and at one below a point by less than a step.
    var discounted = 0.0
    var reached = 0.0
    var index = top
    let decay = exponential(-step)
    let fall = -exponentialMinusOne(-step)
    while index > bottom, index >= 0 {
      let mass = max(0, composed.masses[index & (points - 1)])
      discounted = discounted * decay + mass * scale(index)
      let slack = always + sign * error * scale(index - 1) * rounding
      let next = reached + fall * discounted
      let bound = factor * next + slack
      // A bound that is no number is never taken for knowledge.
      if side == .above ? !(bound <= delta) : bound > delta && bound.isFinite {
        // Between the two points S grows as above, and the error is at most the lower point's.
        let room = (delta - factor * reached - slack) / (factor * discounted)
        let distance = room > 0 ? min(step, -logarithmOfOnePlus(-min(room, 1))) : 0
        let loss = Double(index) * step
        switch side {
        case .above:
          guard index < top || room >= 0 else { return .infinity }
          return max(0, loss - distance * (1 - 1e-9)) + lossError
        case .below:
          return max(0, max(loss - step, loss - distance * (1 + 1e-9)) - lossError)
        }
      }
      reached = next
      index -= 1
    }
    // No loss above 0, or none in the window, has a greater delta.
    guard side == .above else { return 0 }
    return index >= top ? .infinity : max(0, Double(index) * step) + lossError
  }

  /// The tilted masses of all losses together, wrapped round, with the sum of their errors.
  private func masses() -> (masses: [Double], error: Double, cumulant: Double) {
    let transform = FourierTransform(count: points)
    var productReal = [Double](repeating: 1, count: points)
    var productImaginary = [Double](repeating: 0, count: points)
    var logarithms = [Double](repeating: 0, count: points)
    var relativeErrors = logarithms
    var total = 0.0
    for part in parts {
      let distribution = part.distribution
      let n = Double(part.steps)
      let cumulant = part.cumulant(plan.tilt)
      total += n * cumulant
      var (real, imaginary) = spectrum(of: distribution, cumulant: cumulant)
      let norm = real.reduce(0, +)
      transform.transform(&real, &imaginary)
      let eta = transform.relativeError * norm
      for f in 0..<points {
        let magnitude =
          (real[f] * real[f] + imaginary[f] * imaginary[f]).squareRoot() + eta
        logarithms[f] += n * naturalLogarithm(magnitude)
        relativeErrors[f] += n * (eta + 0x1p-50 * magnitude) / magnitude
        // The inverse transform is the forward one of the conjugates.
        let power = Self.power(real[f], -imaginary[f], part.steps)
        (productReal[f], productImaginary[f]) = (
          productReal[f] * power.0 - productImaginary[f] * power.1,
          productReal[f] * power.1 + productImaginary[f] * power.0
        )
      }
    }
    var squaredError = 0.0
    var magnitudes = 0.0
    for f in 0..<points {
      let power = exponential(logarithms[f])
      let error = power * relativeErrors[f]
      squaredError += error * error
      magnitudes += power
    }
    transform.transform(&productReal, &productImaginary)
    let error =
      (squaredError.squareRoot() + transform.relativeError * magnitudes) * (1 + 1e-6)
    let share = 1 / Double(points)
    for index in productReal.indices { productReal[index] *= share }
    return (productReal, error, total)
  }

  /// A part's tilted masses, wrapped round.
  private func spectrum(
    of distribution: LossDistribution, cumulant: Double
  ) -> ([Double], [Double]) {
    var real = [Double](repeating: 0, count: points)
    for (index, mass) in distribution.masses.enumerated() where mass > 0 {
      let exponent = plan.tilt * distribution.loss(index) - cumulant
      let tilted =
        exponent < 600
        ? mass * exponential(exponent) : exponential(exponent + naturalLogarithm(mass))
      real[(distribution.first + index) & (points - 1)] += tilted
    }
    return (real, [Double](repeating: 0, count: points))
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
