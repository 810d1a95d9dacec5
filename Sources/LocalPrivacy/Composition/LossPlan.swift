/// How to compose losses by a Fourier transform: in which window, and tilted by how much.
///
/// Any plan gives valid bounds; this one gives close ones.
struct LossPlan {
  /// lambda, at least 0.
  let tilt: Double
  /// The order of the bound of the probability above the window.
  let tailOrder: Double
  /// The orders, beyond the tilt, of the bounds of the tilted mass above and below the window.
  let wrappingOrders: (above: Double, below: Double)
  /// Where the composed loss lies, but for a share of delta above it, and small shares of the
  /// tilted mass on either side.
  let window: ClosedRange<Double>

  private static let shareAbove = 1e-4
  private static let shareWrapped = 1e-6

  /// Chernoff's bounds of the composed loss L, over a grid of orders.
  ///
  ///     P[L > top] <= exp(cumulant(order) - order top)
  ///
  /// - Parameters:
  ///   - delta: In (0, 1).
  ///   - cumulant: ln of the mean of e^(order L), for orders of any sign; good guesses do.
  /// - Returns: nil when no order gives a finite window.
  init?(delta: Double, cumulant: (Double) -> Double) {
    // e^-7 ... e^20: orders near ln(1 / delta) / epsilon, for epsilon from 1e-7 to 1e4.
    let orders = stride(from: -7.0, through: 20, by: 0.5).map(exponential)
    let first = LossPlan(
      delta: delta, orders: orders, greatestTilt: .infinity, cumulant: cumulant)
    guard let first else { return nil }
    // Where losses are bounded, the greatest order says most of them, and a tilt by it would fall
    // from 1 to nothing within a step of the grid. A Gaussian's takes 2 ln(1 / delta), in units of
    // one over the distance from the mean.
    let distance = first.window.upperBound - cumulant(orders[0]) / orders[0]
    let greatestTilt = -10 * naturalLogarithm(delta) / distance
    let greatestOrder = 2e3 / distance
    guard distance > 0, first.tilt > greatestTilt || first.tailOrder > greatestOrder else {
      self = first
      return
    }
    let second = LossPlan(
      delta: delta, orders: orders.filter { $0 <= greatestOrder }, greatestTilt: greatestTilt,
      cumulant: cumulant)
    guard let second else { return nil }
    self = second
  }

  private init?(
    delta: Double, orders: [Double], greatestTilt: Double, cumulant: (Double) -> Double
  ) {
    let cumulants = orders.map(cumulant)
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
    // root of delta. What wraps round is to be a small share of delta too.
    let isHalfWay = delta >= 1e-15
    let tilt = min(greatestTilt, isHalfWay ? orders[saddle] / 2 : orders[saddle])
    let share = naturalLogarithm(Self.shareWrapped * (isHalfWay ? delta.squareRoot() : 1))
    let atTilt = cumulant(tilt)
    let bottoms = orders.map { (order: $0, loss: (share + atTilt - cumulant(tilt - $0)) / $0) }
    let tops = orders.map { (order: $0, loss: (cumulant(tilt + $0) - atTilt - share) / $0) }
    guard
      let bottom = bottoms.filter(\.loss.isFinite).max(by: { $0.loss < $1.loss }),
      let tiltedTop = tops.filter(\.loss.isFinite).min(by: { $0.loss < $1.loss })
    else { return nil }
    let top = max(tiltedTop.loss, quantile(above, delta * Self.shareAbove))
    guard top.isFinite, top > bottom.loss else { return nil }
    self.tilt = tilt
    tailOrder = orders[above]
    wrappingOrders = (above: tiltedTop.order, below: bottom.order)
    window = bottom.loss...top
  }
}
