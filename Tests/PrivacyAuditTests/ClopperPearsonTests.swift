import Foundation
import PrivacyAudit
import Testing

@Suite struct ClopperPearsonTests {
  /// Vectors/clopper_pearson.py.
  private static let answers: [(Int, Int, Double, Double, Double)] = [
    (1, 1, 0.025, 0.025, 1),
    (3, 10, 0.025, 0.06673951117773, 0.65245285006),
    (10, 10, 0.05, 0.7411344491069, 1),
    (0, 50, 0.5, 0, 0.01376729550664),
    (1, 100000, 5e-07, 5.000001249988e-12, 0.000174207845306),
    (0, 200000, 5e-07, 0, 7.254065749188e-05),
    (5000, 10000, 1e-09, 0.4699887846398, 0.5300112153602),
    (99999, 100000, 5e-07, 0.9998257921547, 0.999999999995),
    (1_798_620, 10_000_000, 1e-06, 0.179285119004, 0.1804398669339),
  ]

  @Test func `bounds are the quantiles of the beta distribution`() {
    for (successes, trials, alpha, lower, upper) in Self.answers {
      let low = ClopperPearson.lowerBound(
        successes: successes, trials: trials, confidence: 1 - alpha)
      let high = ClopperPearson.upperBound(
        successes: successes, trials: trials, confidence: 1 - alpha)
      // 1 - alpha is known to 1e-16 only, a relative 1e-7 of the least alpha; the rest is rounding.
      #expect((low - lower).magnitude <= 1e-7 * lower, "\(successes) of \(trials)")
      #expect((high - upper).magnitude <= 1e-7 * upper, "\(successes) of \(trials)")
    }
  }

  /// All counts of small numbers of trials, with plain sums of products.
  @Test func `no bound is on its wrong side more often than it says`() {
    let alpha = 0.05
    for trials in 1...12 {
      let bounds = (0...trials).map { count in
        (
          lower: ClopperPearson.lowerBound(
            successes: count, trials: trials, confidence: 1 - alpha),
          upper: ClopperPearson.upperBound(
            successes: count, trials: trials, confidence: 1 - alpha)
        )
      }
      for probability in stride(from: 0.001, to: 1, by: 0.0079) {
        var (below, above) = (0.0, 0.0)
        var chance = pow(1 - probability, Double(trials))
        for count in 0...trials {
          if bounds[count].lower > probability { below += chance }
          if bounds[count].upper < probability { above += chance }
          chance *= Double(trials - count) / Double(count + 1) * probability / (1 - probability)
        }
        #expect(below <= alpha && above <= alpha, "\(trials) trials at \(probability)")
      }
    }
  }

  @Test func `bounds of all successes and of none have closed forms`() {
    for trials in [1, 7, 1000, 12_345_678] {
      let root = pow(0.01, 1 / Double(trials))
      let lower = ClopperPearson.lowerBound(
        successes: trials, trials: trials, confidence: 0.99)
      #expect((lower - root).magnitude < 1e-11)
      #expect(ClopperPearson.upperBound(successes: trials, trials: trials, confidence: 0.99) == 1)
      let upper = ClopperPearson.upperBound(successes: 0, trials: trials, confidence: 0.99)
      let exact = -expm1(log(0.01) / Double(trials))
      #expect((upper / exact - 1).magnitude < 1e-9)
      #expect(ClopperPearson.lowerBound(successes: 0, trials: trials, confidence: 0.99) == 0)
    }
  }
}
