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
        parties: $0, answers: 1, epsilon: 4, classes: 10, partyAccuracy: 0.7, purities: purities)
    }
    for (fewer, more) in zip(predictions, predictions.dropFirst()) {
      #expect(fewer.accuracy < more.accuracy)
      #expect(fewer.clusterCount <= more.clusterCount)
    }
    #expect(predictions.allSatisfy { $0.accuracy > 0 && $0.accuracy <= 1 })
  }

  /// By its two constants, worked out by hand: half of 2 x 20 answers on 10 clusters are 2 each, and
  /// 0.7 + 0.3 / 5 bounds a purity of 0.9.
  @Test func `answers count half, and the parties' own accuracy is a bound`() {
    let found = PredictedVoteAccuracy(
      parties: 2, answers: 20, epsilon: 1e6, classes: 2, partyAccuracy: 0.7, purities: [10: 0.9])
    let right = 0.7 / 0.76
    // Two answers; the other class's count is taken as independent, and ties are shared.
    func chance(_ x: Int, _ p: Double) -> Double { [(1 - p) * (1 - p), 2 * p * (1 - p), p * p][x] }
    var win = 0.0
    for x in 0...2 {
      for y in 0...x {
        win += chance(x, right) * chance(y, 1 - right) * (x == y ? 0.5 : 1)
      }
    }
    #expect(abs(found.accuracy - (0.76 * win + 0.24 / 2)) < 1e-9)
  }

  @Test func `half an answer lies between none and one`() {
    func accuracy(_ parties: Int) -> Double {
      PredictedVoteAccuracy(
        parties: parties, answers: 1, epsilon: 1e6, classes: 4, partyAccuracy: 1, purities: [1: 1]
      ).accuracy
    }
    // One party: half an answer, which is a guess half the time.
    #expect(abs(accuracy(1) - (0.5 * 1 + 0.5 * 0.25)) < 1e-12)
    #expect(accuracy(2) == 1)
  }
}
