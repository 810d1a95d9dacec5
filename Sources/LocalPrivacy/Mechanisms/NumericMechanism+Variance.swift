/// Variances of the unbiased estimate of one value, in units of the interval [-1, 1].
///
///     E[v^2 | t] = constant + slope (t^2 + r(t) / m^2),   variance = E[v^2 | t] - t^2
///
/// They are those of the integer grid itself, with r(t) = f (1 - f) the variance of rounding t m
/// to the grid (f its fraction), and not those of the continuous mechanism.
extension NumericMechanism {
  /// - Parameter value: t, in [-1, 1].
  public func variance(at value: Double) -> Double {
    let scaled = value * Double(resolution)
    let fraction = scaled - scaled.rounded(.down)
    return variance(secondMoment: value * value, rounding: fraction * (1 - fraction))
  }

  /// The greatest variance over all values; at most 1e-9 of it too large.
  public var worstVariance: Double {
    max(
      variance(secondMoment: 0, rounding: 0.25), variance(secondMoment: 1, rounding: 0.25))
  }

  /// The mean variance for t = clip(z, -k, k) / k with z standard normal.
  ///
  /// - Parameter clip: k, above 0.
  public func meanVariance(clippedGaussianAt clip: Double) -> Double {
    // 1/6: the mean of f (1 - f) over a uniform fraction.
    variance(secondMoment: Self.secondMoment(clippedGaussianAt: clip), rounding: 1.0 / 6)
  }

  /// The mean of t^2 for t = clip(z, -k, k) / k with z standard normal.
  ///
  /// - Parameter clip: k, above 0.
  package static func secondMoment(clippedGaussianAt clip: Double) -> Double {
    precondition(clip > 0, "a clipping radius must be above 0")
    let within = normalProbability(within: clip)
    let squaresWithin = within - 2 * clip * normalDensity(clip)
    return min(1, squaresWithin / (clip * clip) + (1 - within))
  }

  /// m, the grid steps in [0, 1].
  private var resolution: UInt64 {
    switch grid {
    case .duchi(let duchi): duchi.resolution
    case .piecewise(let piecewise), .hybrid(_, let piecewise, _): piecewise.resolution
    }
  }

  private func variance(secondMoment: Double, rounding: Double) -> Double {
    switch grid {
    case .duchi(let duchi):
      return duchi.scale * duchi.scale - secondMoment
    case .piecewise(let piecewise):
      return piecewise.secondMoment(of: secondMoment, rounding: rounding) - secondMoment
    case .hybrid(let duchi, let piecewise, let coin):
      let alpha = coin.probability
      return alpha * piecewise.secondMoment(of: secondMoment, rounding: rounding)
        + (1 - alpha) * duchi.scale * duchi.scale - secondMoment
    }
  }
}

extension PiecewiseGrid {
  /// The mean of the squared estimate, given that of the squared value.
  ///
  ///     sum of o^2 over -K ... K = K (K + 1) (2 K + 1) / 3
  ///     sum of o^2 over a block  = W c^2 + h (h + 1) (2 h + 1) / 3,   h = (W - 1) / 2
  fileprivate func secondMoment(of squares: Double, rounding: Double) -> Double {
    let total = Double(uniform.bound)
    let excess = Double(odds.favoured - odds.other)
    let everywhere = Double(odds.other) * sumOfSquares(Double(greatestOutput))
    let block = excess * sumOfSquares(Double((width - 1) / 2))
    let constant = scale * scale * (everywhere + block) / total
    let slope = total / (excess * Double(width))
    let steps = Double(resolution)
    return constant + slope * (squares + rounding / (steps * steps))
  }

  private func sumOfSquares(_ greatest: Double) -> Double {
    greatest * (greatest + 1) * (2 * greatest + 1) / 3
  }
}
