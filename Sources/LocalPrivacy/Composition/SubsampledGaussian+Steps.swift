/// Many steps together.
extension SubsampledGaussian {
  private static let coarseCells = 4096
  private static let greatestCells = 1 << 18

  /// With every record sampled both directions have the same losses.
  private var directions: [Direction] { probability < 1 ? Direction.allCases : [.present] }

  /// What is common to the bounds of so many steps in one direction.
  private struct Composition {
    let range: ClosedRange<Double>
    let step: Double
    let plan: LossPlan
  }

  private func composition(
    _ direction: Direction, steps: Int, delta: Double, points: Int
  ) -> Composition? {
    // The share of delta that goes to outputs with an infinite loss.
    let range = lossRange(tail: 1e-5 * delta / Double(steps))
    let width = range.upperBound - range.lowerBound
    let coarse = distribution(direction, step: width / Double(Self.coarseCells), range: range)
      .support()
    let plan = LossPlan(delta: delta) {
      Double(steps) * LossDistribution.cumulant($0, of: coarse)
    }
    guard let plan else { return nil }
    let window = plan.window.upperBound - plan.window.lowerBound
    let step = max(window / Double(points - 2), width / Double(Self.greatestCells))
    return Composition(range: range, step: step, plan: plan)
  }

  /// An upper bound of the loss of so many steps together, in both directions; infinite when the
  /// grid is too coarse for delta.
  ///
  /// - Parameters:
  ///   - steps: At least 1.
  ///   - delta: In (0, 1).
  ///   - points: The size of the Fourier transform, a power of two: the grid's step is about
  ///     the composed loss's spread over it.
  func epsilon(steps: Int, delta: Double, points: Int) -> Double {
    steps == 1
      ? oneStep(deltas: delta...delta).upper
      : directions.map { upperBound($0, steps: steps, delta: delta, points: points) }.max()
        ?? .infinity
  }

  /// Bounds of the loss of so many steps together, with lower <= exact <= upper.
  ///
  /// The exact loss is the greater of both directions', so that the lower bound of either is one of
  /// it.
  ///
  /// - Parameters:
  ///   - steps: At least 1.
  ///   - deltas: In (0, 1): the upper bound is at the least of them, the lower one at the greatest.
  ///   - points: As ``epsilon(steps:delta:points:)`` takes them.
  func interval(
    steps: Int, deltas: ClosedRange<Double>, points: Int
  ) -> (lower: Double, upper: Double) {
    if steps == 1 { return oneStep(deltas: deltas) }
    let uppers = directions.map { direction in
      upperBound(direction, steps: steps, delta: deltas.lowerBound, points: points)
    }
    let upper = uppers.max() ?? .infinity
    let delta = deltas.upperBound
    // Only the greater direction's is worth its time.
    let lowers = zip(directions, uppers).filter { $0.1 == upper }.map { direction, _ in
      guard
        let composition = composition(direction, steps: steps, delta: delta, points: points)
      else { return 0.0 }
      let distribution = distributionFromBelow(
        direction, step: composition.step, range: composition.range)
      return composed(distribution, steps: steps, plan: composition.plan, points: points)
        .epsilon(delta: delta, side: .below)
    }
    return (lowers.max() ?? 0, upper)
  }

  private func upperBound(
    _ direction: Direction, steps: Int, delta: Double, points: Int
  ) -> Double {
    guard let composition = composition(direction, steps: steps, delta: delta, points: points)
    else { return .infinity }
    let distribution = distribution(
      direction, step: composition.step, range: composition.range)
    return composed(distribution, steps: steps, plan: composition.plan, points: points)
      .epsilon(delta: delta, side: .above)
  }

  private func composed(
    _ distribution: LossDistribution, steps: Int, plan: LossPlan, points: Int
  ) -> ComposedDistribution {
    ComposedDistribution(
      parts: [.init(distribution, steps: steps)], plan: plan, points: points)
  }
}
