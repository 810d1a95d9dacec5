import LocalPrivacy
import PrivFusion
import Tensors
import Testing

@Suite struct VoterReliabilityTests {
  /// Certain of the true classes, estimates are of 2,000 labels a party; the randomiser at epsilon 2
  /// makes their deviation 0.02, and the prior draws them by at most 1 % of the way.
  @Test func `how often each party is right is estimated through the noise`() throws {
    let rates = [0.95, 0.7, 0.4]
    let planted = try PlantedVotes(
      probes: 2000, classes: 4, rates: rates, epsilon: 2, seed: 3)
    let truth = try Tensor(
      planted.classes.flatMap { label in (0..<4).map { $0 == label ? 1.0 : 0 } },
      shape: [2000, 4])
    var reliability = VoterReliability(expectedOf: planted.votes)
    for _ in 0..<30 {
      reliability = try reliability.improved(planted.votes, posterior: truth)
    }
    for (confusion, rate) in zip(reliability.confusions, rates) {
      let right = (0..<4).reduce(0) { $0 + confusion[$1 * 4 + $1] } / 4
      #expect(abs(right - rate) < 0.08, "\(right) for \(rate)")
      for row in 0..<4 {
        let sum = confusion[row * 4..<row * 4 + 4].reduce(0, +)
        #expect(abs(sum - 1) < 1e-9)
      }
    }
  }

  /// Three classes and one party: every answer's probability by hand.
  @Test func `an answer's probability goes through error and randomiser`() throws {
    let response = try RandomizedResponse(categories: 3, epsilon: 1)
    let votes = VoteCounts(
      answers: (0..<3).map { .init(party: 0, probe: 0, label: $0) }, probeCount: 1,
      responses: [response])
    let posterior = [0.2, 0.3, 0.5]
    let found = VoterReliability(expectedOf: votes)
      .logProbabilities(of: votes, posterior: posterior)
    for label in 0..<3 {
      var expected = 0.0
      for truth in 0..<3 {
        for own in 0..<3 {
          let error = own == truth ? 0.85 : 0.075
          let noise = own == label ? response.keepProbability : response.otherProbability
          expected += posterior[truth] * error * noise
        }
      }
      let logarithm = try Tensor(expected).logarithm().scalar()
      #expect(abs(found[label] - logarithm) < 1e-12)
    }
  }

  @Test func `the posterior of counts multiplies the known odds`() throws {
    let response = try RandomizedResponse(categories: 2, epsilon: 1)
    let votes = VoteCounts(
      answers: [
        .init(party: 0, probe: 0, label: 1), .init(party: 1, probe: 0, label: 1),
        .init(party: 0, probe: 1, label: 0), .init(party: 1, probe: 1, label: 1),
      ], probeCount: 3, responses: [response, response])
    let counts: [Double] = try votes.counts().elements()
    #expect(counts == [0, 2, 1, 1, 0, 0])
    let posterior: [Double] = try votes.posterior().elements()
    let odds = response.keepProbability / response.otherProbability
    #expect(abs(posterior[1] - odds * odds / (1 + odds * odds)) < 1e-12)
    for index in 2..<6 { #expect(abs(posterior[index] - 0.5) < 1e-12) }
  }
}
