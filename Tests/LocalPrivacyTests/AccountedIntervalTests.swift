import Foundation
import LocalPrivacy
import Testing

@Suite struct AccountedIntervalTests {
  static func figures(
    _ sampling: GaussianProcedure.Sampling, sigma: Double, steps: Int, delta: Double,
    points: Int = 1 << 15
  ) throws -> GaussianFigures {
    try GaussianFigures(
      of: GaussianProcedure(sampling: sampling, steps: steps, noiseMultiplier: sigma),
      delta: delta, points: points)
  }

  static func composition(_ losses: [(epsilon: Double, count: Int)]) throws -> Composition {
    try Composition(
      ofModel: losses.map {
        try Expenditure(
          name: "test", count: $0.count, epsilon: $0.epsilon, unit: .value,
          mechanismName: "test")
      })
  }

  @Test func `every figure of the known answers is met to its digits`() throws {
    let answers = try RecordAccountingTests.answers()
    for answer in answers.poisson {
      let figures = try Self.figures(
        .poisson(probability: answer.q), sigma: answer.sigma, steps: answer.steps,
        delta: answer.delta, points: 1 << 17)
      let interval = figures.interval
      #expect(answer.prvLower <= interval.lower && interval.upper <= answer.prvUpper)
      // A thousandth of their interval's width, and a unit of the last digit given for their PLD.
      #expect(interval.upper - interval.lower < 1e-3 * (answer.prvUpper - answer.prvLower))
      #expect((interval.lower - 1e-5...interval.upper + 1e-5).contains(answer.pld))
      #expect((figures.renyi - answer.rdp).magnitude < 5e-6)
      #expect(figures.analyticGaussian == nil && interval.unit == .record)
      #expect(
        try RecordLoss(of: figures.loss.procedure, delta: answer.delta) == figures.loss
          && figures.loss.epsilon == interval.upper)
    }
    for answer in answers.gaussian {
      let figures = try Self.figures(
        .everyRecord, sigma: answer.sigma, steps: answer.steps, delta: answer.delta,
        points: 1 << 17)
      // Theirs is the least over a grid of orders, and this one over all: less by up to 2e-4.
      #expect(figures.renyi <= answer.rdp + 5e-6 && figures.renyi > answer.rdp * (1 - 2e-4))
      // Half a unit of the last digit given, and the grid of 2^-17 of the window.
      let grid = figures.lossDistribution
      #expect(grid.lower <= answer.pld + 5e-6 && answer.pld - 5e-6 <= grid.upper)
      #expect(grid.upper - grid.lower < 2e-5)
      #expect(figures.analyticGaussian == figures.interval.upper)
      #expect((figures.interval.lower - answer.exact).magnitude < 5.1e-6)
    }
  }

  @Test func `a Gaussian's loss distribution encloses its exact curve`() throws {
    for (sigma, steps) in [(5.0, 10), (0.3, 2), (1, 10_000), (100, 7)] {
      for delta in [1e-2, 1e-5, 1e-30] {
        let figures = try Self.figures(.everyRecord, sigma: sigma, steps: steps, delta: delta)
        let (exact, grid) = (figures.interval, figures.lossDistribution)
        #expect(exact.lower <= exact.upper && exact.upper - exact.lower <= 1e-10 * exact.upper)
        #expect(grid.lower <= exact.upper, "\(sigma) x \(steps) at \(delta)")
        #expect(grid.upper >= exact.lower, "\(sigma) x \(steps) at \(delta)")
        // 2^-15 of the window, which is wider at a small delta.
        let share = delta < 1e-15 ? 1e-2 : 2e-3
        #expect(grid.upper - grid.lower < share * exact.upper, "\(sigma) x \(steps) at \(delta)")
      }
    }
  }

  @Test func `one sampled step encloses its exact curve`() throws {
    for (q, sigma, delta) in [(0.01, 1.0, 1e-5), (0.5, 0.6, 1e-6), (0.1, 3, 1e-4)] {
      let inner = try Self.figures(.everyRecord, sigma: sigma, steps: 1, delta: delta / q)
      let exact = log1p(q * expm1(inner.interval.lower))
      let interval = try Self.figures(
        .poisson(probability: q), sigma: sigma, steps: 1, delta: delta
      ).interval
      #expect(interval.lower <= exact * (1 + 1e-9) && exact <= interval.upper * (1 + 1e-9))
      #expect(interval.upper - interval.lower <= 1e-10 * exact)
    }
  }

  @Test func `a coarser grid widens the interval and never crosses a finer one`() throws {
    for (q, sigma, steps) in [(0.01, 1.0, 1000), (0.1, 0.6, 100), (0.5, 5, 9)] {
      let finest = try Self.figures(
        .poisson(probability: q), sigma: sigma, steps: steps, delta: 1e-5, points: 1 << 16
      ).lossDistribution
      for bits in [6, 9, 12] {
        let coarse = try Self.figures(
          .poisson(probability: q), sigma: sigma, steps: steps, delta: 1e-5, points: 1 << bits
        ).lossDistribution
        #expect(coarse.lower >= 0)
        #expect(coarse.lower <= finest.lower, "2^\(bits) points")
        #expect(coarse.upper >= finest.upper, "2^\(bits) points")
      }
      #expect(finest.lower <= finest.upper && finest.lower > finest.upper * (1 - 1e-3))
    }
  }

  @Test func `extreme procedures have bounds in the right order`() throws {
    for (q, sigma, steps, delta) in [
      (1e-9, 1.0, 1, 1e-5), (1e-6, 1, 10_000_000, 1e-12), (0.01, 1, 1000, 1e-60),
      (0.999, 0.01, 100, 1e-5), (0.1, 3, 10_000_000, 0.5), (1 - 1e-9, 20, 1000, 1e-5),
      (0.5, 1e9, 1, 1e-5),
    ] {
      let figures = try Self.figures(
        .poisson(probability: q), sigma: sigma, steps: steps, delta: delta, points: 1 << 13)
      #expect(figures.interval.lower >= 0 && figures.interval.upper.isFinite)
      #expect(figures.interval.lower <= figures.interval.upper)
    }
  }

  @Test func `replacing a record loses more than emptying it and at most twice as many sums`()
    throws
  {
    let every = try Self.figures(.everyRecord, sigma: 5, steps: 10, delta: 1e-5)
    let half = try Self.figures(.everyRecord, sigma: 2.5, steps: 10, delta: 1e-5)
    let replaced = try #require(every.epsilonUnderReplacement)
    #expect((replaced / half.loss.epsilon - 1).magnitude < 1e-12)
    for q in [0.01, 0.9] {
      let sampled = try Self.figures(.poisson(probability: q), sigma: 1, steps: 100, delta: 1e-5)
      let twice = try #require(sampled.epsilonUnderReplacement)
      #expect(twice > sampled.loss.epsilon)
      let unsampled = try Self.figures(.everyRecord, sigma: 0.5, steps: 100, delta: 1e-5)
      #expect(twice <= unsampled.loss.epsilon * (1 + 1e-12))
      // At q = 0.01 emptying twice is the closer bound: 2 epsilon at some smaller delta.
      if q == 0.01 { #expect(twice > 2 * sampled.loss.epsilon && twice < 5 * sampled.loss.epsilon) }
    }
  }

  @Test func `equal pure losses are enclosed by their grid and by the binomial sum`() throws {
    for (epsilon, count, delta, expected) in [
      // Vectors/binomial_composition.py.
      (0.1, 100, 1e-6, 4.77456758811), (1, 1000, 1e-6, 591.079650454),
      (4, 300, 1e-9, 1199.99999977), (0.01, 20000, 1e-5, 6.5723377683),
    ] {
      let composition = try Self.composition([(epsilon, count)])
      let exact = try composition.interval(delta: delta)
      #expect(exact.lower <= expected * (1 + 1e-11) && expected <= exact.upper * (1 + 1e-11))
      #expect(exact.upper - exact.lower <= 1e-6 * expected && exact.unit == .model)
      let grid = try #require(try composition.lossDistribution(delta: delta))
      #expect(grid.lower <= exact.upper && exact.lower <= grid.upper)
      #expect(grid.upper - grid.lower <= 1e-4 * expected, "\(count) of \(epsilon)")
    }
  }

  /// All 2^n answers of n randomised responses, summed exactly.
  static func enumerated(_ losses: [Double], delta: Double) -> Double {
    let answers = (0..<1 << losses.count).map { bits in
      losses.enumerated().reduce((loss: 0.0, probability: 1.0)) { sum, entry in
        let kept = bits >> entry.offset & 1 == 1
        return (
          sum.loss + (kept ? entry.element : -entry.element),
          sum.probability / (1 + exp(kept ? -entry.element : entry.element))
        )
      }
    }
    var (low, high) = (0.0, losses.reduce(0, +))
    for _ in 0..<60 {
      let middle = (low + high) / 2
      let reached = answers.reduce(0) {
        $0 + $1.probability * max(0, -expm1(middle - $1.loss))
      }
      if reached <= delta { high = middle } else { low = middle }
    }
    return high
  }

  @Test func `different pure losses are enclosed, and closer than by Rényi divergences`() throws {
    for (losses, delta) in [
      ([0.3, 0.3, 0.3, 0.7, 1.1, 0.05, 0.05], 1e-3), ([2, 1, 0.5, 0.25], 1e-2),
      ([0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2], 1e-6),
    ] {
      let expected = Self.enumerated(losses, delta: delta)
      let composition = try Self.composition(losses.map { ($0, 1) })
      let interval = try composition.interval(delta: delta)
      #expect(interval.lower <= expected * (1 + 1e-9), "\(losses)")
      #expect(interval.upper >= expected * (1 - 1e-9), "\(losses)")
      #expect(interval.upper - interval.lower <= 2e-3 * expected, "\(losses)")
    }
    let many = try Self.composition([(0.1, 100), (0.02, 3000), (1.5, 1)])
    let interval = try many.interval(delta: 1e-6)
    let renyi = try #require(try many.loss(delta: 1e-6).renyi)
    #expect(interval.upper < renyi && interval.lower > 0.99 * interval.upper)
  }

  @Test func `with delta 0 the sum is exact, and bad deltas are refused`() throws {
    let composition = try Self.composition([(0.5, 4), (1, 1)])
    let interval = try composition.interval(delta: 0)
    #expect(interval.upper == 3 && interval.lower > 3 * (1 - 1e-11) && interval.lower <= 3)
    #expect(try composition.lossDistribution(delta: 0) == nil)
    #expect(try Composition(ofModel: []).interval(delta: 1e-5).upper == 0)
    for delta in [-1, 1, .nan, .infinity] {
      #expect(throws: PrivacyError.self) { try composition.interval(delta: delta) }
      #expect(throws: PrivacyError.self) { try composition.lossDistribution(delta: delta) }
      #expect(throws: PrivacyError.self) {
        try Composition.lossEach(total: 1, count: 1, delta: delta)
      }
    }
    let huge = try Self.composition([(1e300, 1), (1, 1)]).interval(delta: 1e-5)
    #expect(huge.lower <= huge.upper && huge.upper >= 1e300 * (1 - 1e-9))
  }

  @Test func `the loss of each composes to the loss asked for, and no greater one does`() throws {
    for (total, count, delta) in [
      (8.0, 100, 1e-6), (1, 1, 1e-5), (0.1, 1_000_000, 1e-9), (50, 3, 1e-3), (8, 100, 0),
    ] {
      let each = try Composition.lossEach(total: total, count: count, delta: delta)
      #expect(try Self.composition([(each, count)]).loss(delta: delta).tightest <= total)
      let more = try Self.composition([(each * (1 + 1e-5), count)]).loss(delta: delta).tightest
      #expect(more > total, "\(count) within \(total)")
    }
    for total in [0, -1, .nan, .infinity] {
      #expect(throws: PrivacyError.self) {
        try Composition.lossEach(total: total, count: 1, delta: 0)
      }
    }
    #expect(throws: PrivacyError.self) {
      try Composition.lossEach(total: 1, count: 0, delta: 0)
    }
    #expect(throws: PrivacyError.self) {
      try Composition.lossEach(total: .leastNonzeroMagnitude, count: 10, delta: 0)
    }
  }
}
