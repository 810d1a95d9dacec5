import Evaluation
import Testing

/// What is recommended, from scores that are known.
@Suite struct MergeRecommendationTests {
  private static let samples = 400

  /// Right on the first samples, or on those shifted by some, so that two models differ on known ones.
  private func scores(_ right: Int, shifted: Int = 0) -> SampleScores {
    let correct = (0..<Self.samples).map { sample in
      (sample + Self.samples - shifted) % Self.samples < right ? 1.0 : 0
    }
    return SampleScores(correct: correct, losses: correct.map { 1 - $0 })
  }

  private func recommendation(
    _ rows: [(MergeRole, SampleScores)], _ reference: MergeReference = .labels,
    withoutParents: [MergeComparison<OpenModel>.WithoutParent] = [], commonest: [Double]? = nil
  ) -> MergeRecommendation<OpenModel> {
    MergeComparison(
      rows.map { .init(OpenModel($0.0), $0.1) }, reference: reference,
      withoutParents: withoutParents, commonest: commonest
    ).recommendation
  }

  @Test func `a parent that is better than the fused model is recommended`() {
    let found = recommendation([
      (.fused, scores(300)), (.parent(0), scores(280)), (.parent(1), scores(340)),
    ])
    #expect(found.advice == .takeParent && found.model.role == .parent(1))
    #expect(found.reason.contains("party 2 is right at 10.0 +- 1.5 points more samples"))
  }

  /// 340 against 336 right, on samples that differ in 24: 1.0 points, with an error of 1.2.
  @Test func `a difference that chance makes is not a win`() {
    let found = recommendation([
      (.fused, scores(336)), (.parent(0), scores(340, shifted: 10)), (.parent(1), scores(250)),
    ])
    #expect(found.advice == .fuse && found.model.role == .fused)
    #expect(found.reason.contains("within chance"))
  }

  @Test func `an ensemble that is better is kept, at its cost`() {
    let rows: [(MergeRole, SampleScores)] = [
      (.fused, scores(330)), (.parent(0), scores(300)), (.ensemble, scores(350)),
    ]
    let found = recommendation(rows)
    #expect(found.advice == .keepEnsemble)
    #expect(found.reason.contains("at the size and time of all parties' models"))
    // By its own answers it is the reference, not a rival.
    #expect(recommendation(rows, .ensemble).advice == .fuse)
  }

  @Test func `without labels a parent must win by the ensemble of the others too`() {
    let rows: [(MergeRole, SampleScores)] = [(.fused, scores(300)), (.parent(0), scores(380))]
    let loses = MergeComparison<OpenModel>.WithoutParent(parent: scores(200), fused: scores(290))
    let wins = MergeComparison<OpenModel>.WithoutParent(parent: scores(350), fused: scores(290))
    #expect(recommendation(rows, .ensemble, withoutParents: [loses]).advice == .fuse)
    #expect(recommendation(rows, .ensemble, withoutParents: [wins]).advice == .takeParent)
    #expect(recommendation(rows, .ensemble).advice == .fuse)
  }

  @Test func `models that do no better than the commonest class need more training`() {
    let rows: [(MergeRole, SampleScores)] = [(.fused, scores(90)), (.parent(0), scores(80))]
    #expect(recommendation(rows, commonest: scores(88, shifted: 200).correct).advice == .trainMore)
    #expect(recommendation(rows, commonest: scores(40).correct).advice == .fuse)
  }

  @Test func `the plain average is taken where it is better`() {
    let found = recommendation([(.fused, scores(300)), (.average, scores(340))])
    #expect(found.advice == .takeAverage)
  }

  @Test func `the standard error is that of paired differences`() {
    // Half 1 and half 0: a standard deviation of sqrt(400 / 399) / 2.
    let difference = PairedDifference(scores(200), scores(0))
    #expect(abs(difference.mean - 0.5) < 1e-12)
    #expect(abs(difference.standardError - 0.025031) < 1e-6)
    #expect(PairedDifference(scores(200), scores(200)).isWin == false)
  }

  @Test func `a released model is fused or average, and nothing else`() {
    #expect(Set(ReleasedModel.allCases.map(\.role.name)) == ["fused", "average"])
    #expect((OwnersModel(.parent(0)) as Any) is any Encodable == false)
    #expect((ReleasedModel.fused as Any) is any Encodable)
  }
}
