/// Randomised responses of several losses together, by their loss distributions: the worst of all
/// mechanisms with these pure losses.
///
///     P[loss = epsilon] = e^epsilon / (1 + e^epsilon),   P[loss = -epsilon] = 1 / (1 + e^epsilon)
///
/// Kairouz, Oh, Viswanath 2015, Theorem 3: any mechanism with the loss epsilon is its
/// post-processing.
struct RandomizedResponses {
  /// Each loss, finite and above 0, with its number of releases, a whole number.
  let counts: [(epsilon: Double, count: Double)]

  private static let points = 1 << 17
  /// The greatest loss over the step of the grid.
  private static let greatestCells = 262_144.0

  /// Bounds of the least epsilon with delta(epsilon) <= delta; 0 and infinity say nothing.
  ///
  /// - Parameter delta: In (0, 1).
  /// - Complexity: O(n log n) for n = 2^17, times the number of distinct losses.
  func interval(delta: Double) -> (lower: Double, upper: Double) {
    guard
      let plan = LossPlan(delta: delta, cumulant: cumulant),
      // Losses below that are lost in a grid's rounding.
      let greatest = counts.map(\.epsilon).max(), greatest >= 1e-12,
      counts.allSatisfy({ $0.count < 0x1p53 })
    else { return (0, .infinity) }
    let width = plan.window.upperBound - plan.window.lowerBound
    // A hundredth more, as losses on the grid spread a little wider.
    let least = max(1.01 * width / Double(Self.points - 2), greatest / Self.greatestCells)
    guard least > 0, least.isFinite else { return (0, .infinity) }
    let step = step(atLeast: least)
    func composed(_ distribution: (Double, Double) -> LossDistribution) -> ComposedDistribution? {
      let parts = counts.map {
        ComposedDistribution.Part(distribution($0.epsilon, step), steps: Int($0.count))
      }
      let plan = LossPlan(delta: delta) { order in
        parts.reduce(0) { $0 + Double($1.steps) * $1.cumulant(order) }
      }
      return plan.map { ComposedDistribution(parts: parts, plan: $0, points: Self.points) }
    }
    return (
      composed(Self.fromBelow)?.epsilon(delta: delta, side: .below) ?? 0,
      composed(Self.fromAbove)?.epsilon(delta: delta, side: .above) ?? .infinity
    )
  }

  /// ln of the mean of e^(order loss) over all of them.
  private func cumulant(_ order: Double) -> Double {
    counts.reduce(0) { sum, entry in
      let exponent = order * entry.epsilon
      let (greater, smaller) = (
        max(exponent, -entry.epsilon - exponent),
        min(exponent, -entry.epsilon - exponent)
      )
      return sum + entry.count
        * (greater + logarithmOfOnePlus(exponential(smaller - greater))
          - logarithmOfOnePlus(exponential(-entry.epsilon)))
    }
  }

  /// A step of the grid that the losses are nearly multiples of: the lower bound rounds them down
  /// to it. A single loss is a multiple exactly.
  private func step(atLeast least: Double) -> Double {
    guard counts.count > 1 else {
      return counts[0].epsilon / max(1, (counts[0].epsilon / least).rounded(.down))
    }
    func lost(_ step: Double) -> Double {
      counts.reduce(0) { sum, entry in
        let cells = entry.epsilon / step
        return sum + entry.count * (cells - cells.rounded(.down)) * step
      }
    }
    let candidates = (0...512).map { least * (1 + Double($0) / 512) }
    return candidates.min { lost($0) < lost($1) } ?? least
  }

  /// A loss between two points of the grid is put at both, so that its probabilities under both
  /// neighbours are kept, as ``SubsampledGaussian/distribution(_:step:range:)`` does.
  private static func fromAbove(epsilon: Double, step: Double) -> LossDistribution {
    let cell = cell(of: epsilon, step: step)
    let lower = Double(cell) * step
    let weight = -exponentialMinusOne(-step)
    let probability = 1 / (1 + exponential(-epsilon))
    let rest = 1 / (1 + exponential(epsilon))
    // The points are cell and cell + 1, and the same below 0. What is whole but for rounding stays
    // at its point.
    var masses = [Double](repeating: 0, count: 2 * cell + 3)
    let isWhole = epsilon - lower <= 0x1p-49 * epsilon
    let above =
      isWhole ? 0 : min(1, -exponentialMinusOne(lower - epsilon) / weight + 0x1p-40)
    let below =
      isWhole ? 1 : min(1, -exponentialMinusOne(epsilon - lower - step) / weight + 0x1p-40)
    masses[2 * cell + 2] += probability * above * (1 + 0x1p-50)
    masses[2 * cell + 1] += probability * (1 - above) * (1 + 0x1p-50)
    masses[1] += rest * below * (1 + 0x1p-50)
    masses[0] += rest * (1 - below) * (1 + 0x1p-50)
    return LossDistribution(
      first: -cell - 1, step: step, masses: masses, infinite: 0, lossError: error(epsilon))
  }

  /// Randomised response of the loss rounded down: a post-processing, which keeps an answer a
  /// little less often.
  private static func fromBelow(epsilon: Double, step: Double) -> LossDistribution {
    let cell = cell(of: epsilon, step: step)
    let rounded = Double(cell) * step
    var masses = [Double](repeating: 0, count: 2 * cell + 1)
    masses[2 * cell] += (1 - 0x1p-50) / (1 + exponential(-rounded))
    masses[0] += (1 - 0x1p-50) / (1 + exponential(rounded))
    return LossDistribution(
      first: -cell, step: step, masses: masses, infinite: 0, lossError: error(epsilon))
  }

  /// The number of whole steps in a loss; one that is whole but for rounding counts as whole.
  private static func cell(of epsilon: Double, step: Double) -> Int {
    let cells = epsilon / step
    let nearest = cells.rounded()
    return Int((cells - nearest).magnitude <= 0x1p-50 * cells ? nearest : cells.rounded(.down))
  }

  private static func error(_ epsilon: Double) -> Double { 1e-14 * (1 + epsilon) }
}
