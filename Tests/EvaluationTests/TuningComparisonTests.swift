import Evaluation
import Testing

@Suite struct TuningComparisonTests {
  private func measured(_ logLikelihood: Double?, _ accuracy: Double)
    -> TuningComparison.Measured
  {
    .init(logLikelihood: logLikelihood, agreement: accuracy / 2, accuracy: accuracy)
  }

  /// Differences of 0.1, 0.2 and 0.3: a mean of 0.2, a deviation of 0.1, an error of 0.1 / sqrt(3).
  /// Sets that lack one of the two, and fits of other names, are no part of it.
  @Test func `differences are taken within each set of messages, by name`() throws {
    let fits = [
      ["default": measured(-1, 0.5), "other": measured(-0.9, 0.5), "third": measured(7, 0.1)],
      ["other": measured(-1.8, 0.7), "default": measured(-2, 0.6)],
      ["default": measured(-3, 0.9), "other": measured(-2.7, 0.8)],
      ["default": measured(-50, 0.1)], ["other": measured(50, 0.1)],
    ]
    let found = TuningComparison(of: "other", to: "default", in: fits)
    #expect(found.count == 3)
    let likelihood = try #require(found.logLikelihood)
    #expect(abs(likelihood.mean - 0.2) < 1e-12)
    let (error, accuracy) = (
      try #require(likelihood.standardError), try #require(found.accuracy).mean
    )
    #expect(abs(error - 0.1 / 3.0.squareRoot()) < 1e-12)
    #expect(likelihood.isClearlyAbove && abs(accuracy) < 1e-12)
    #expect(TuningComparison(of: "other", to: "default", in: fits.reversed()).count == 3)
    #expect(TuningComparison(of: "nothing", to: "default", in: fits).logLikelihood == nil)
  }

  @Test func `one difference has no error, and without held-out probes there is none`() throws {
    let one = TuningComparison(
      of: "b", to: "a", in: [["a": measured(nil, 0.5), "b": measured(nil, 0.6)]])
    #expect(one.logLikelihood == nil && one.count == 1)
    let accuracy = try #require(one.accuracy)
    #expect(accuracy.standardError == nil && !accuracy.isClearlyAbove)
  }

  /// Log-likelihoods and accuracies of the alternative on two sets, where the default has -1 and 0.5.
  @Test(arguments: [
    ([-0.9, -0.91], [0.5, 0.5], true), ([-0.9, -0.91], [0.6, 0.3], false),
    ([-0.9, -1], [0.6, 0.6], false), ([-1.1, -1.11], [0.6, 0.6], false),
  ])
  func `a default is replaced by what is clearly more likely and loses no accuracy`(
    likelihoods: [Double], accuracies: [Double], isAdopted: Bool
  ) {
    let fits = zip(likelihoods, accuracies).map {
      ["default": measured(-1, 0.5), "other": measured($0, $1)]
    }
    #expect(TuningComparison(of: "other", to: "default", in: fits).isAdopted == isAdopted)
  }
}
