import PrivFusion
import Testing

@Suite struct PredictedVoteAccuracyTests {
  /// All outcomes of three binomials of two trials.
  @Test func `the right class wins as often as all outcomes say`() {
    let (right, wrong) = (0.6, 0.2)
    func chance(_ x: Int, _ p: Double) -> Double { [(1 - p) * (1 - p), 2 * p * (1 - p), p * p][x] }
    var expected = 0.0
    for x in 0...2 {
      for y in 0...2 {
        for z in 0...2 where x >= max(y, z) {
          let sharing = 1 + (y == x ? 1 : 0) + (z == x ? 1 : 0)
          expected += chance(x, right) * chance(y, wrong) * chance(z, wrong) / Double(sharing)
        }
      }
    }
    let found = PredictedVoteAccuracy.win(answers: 2, right: right, wrong: wrong, classes: 3)
    #expect(abs(found - expected) < 1e-12)
  }

  @Test func `no answers are a guess, and equal chances too`() {
    #expect(PredictedVoteAccuracy.win(answers: 0, right: 1, wrong: 0, classes: 10) == 0.1)
    let even = PredictedVoteAccuracy.win(answers: 50, right: 0.1, wrong: 0.1, classes: 10)
    #expect(abs(even - 0.1) < 1e-9)
    #expect(PredictedVoteAccuracy.win(answers: 3, right: 1, wrong: 0, classes: 10) == 1)
  }

  @Test func `many parties afford finer clusters, and are right more often`() {
    let purities = [1: 0.1, 10: 0.6, 20: 0.7, 50: 0.8, 2000: 1]
    let predictions = [10, 100, 1_000, 10_000].map {
      PredictedVoteAccuracy(
        parties: $0, epsilon: 4, classes: 10, partyAccuracy: 0.7, purities: purities)
    }
    for (fewer, more) in zip(predictions, predictions.dropFirst()) {
      #expect(fewer.accuracy < more.accuracy)
      #expect(fewer.clusterCount <= more.clusterCount)
    }
    #expect(predictions.allSatisfy { $0.accuracy > 0 && $0.accuracy <= 1 })
  }

  @Test(arguments: [(0.1, 1), (4, 1), (5.9, 1), (6.1, 2), (8, 2), (40, 10)])
  func `a party answers one probe for every four of its loss`(epsilon: Double, answers: Int) {
    #expect(PredictedVoteAccuracy.answersPerParty(epsilon: epsilon) == answers)
  }
}
