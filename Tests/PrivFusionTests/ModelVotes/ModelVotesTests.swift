import LocalPrivacy
import Models
import PrivFusion
import Tensors
import Testing

/// Decoding few answers of many parties. All randomness is seeded.
@Suite struct ModelVotesTests {
  /// Parties that are right 8 times in 10 answer once each, as sets, about clusters of 300 probes.
  private func votes(
    _ planted: PlantedVotes, _ plan: ModelVotePlan, seed: UInt64
  ) -> VoteCounts {
    var generator = SeededGenerator(seed: seed)
    let labels = Array(0..<planted.votes.classCount)
    var answers: [VoteCounts.Answer] = []
    for (party, probes) in plan.dealing.probes.enumerated() {
      for probe in probes {
        let truth = planted.classes[probe]
        let isRight = Double.random(in: 0..<1, using: &generator) < 0.8
        let own = isRight ? truth : (truth + 1) % labels.count
        guard case .selection(let selection) = plan.randomizer else { continue }
        let others = labels.filter { $0 != own }.shuffled(using: &generator)
        let holds = Double.random(in: 0..<1, using: &generator) < selection.holdProbability
        let set =
          holds
          ? [own] + others.prefix(selection.subsetSize - 1)
          : Array(others.prefix(selection.subsetSize))
        answers.append(.init(party: party, probe: probe, labels: set.sorted()))
      }
    }
    return VoteCounts(
      answers: answers, probeCount: planted.classes.count,
      responses: plan.dealing.probes.map { _ in plan.randomizer })
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `the decoder beats the counts on sets about some of the probes`(seed: UInt64) throws {
    let planted = try PlantedVotes(
      probes: 300, classes: 6, rates: [1], epsilon: 1, spread: 0.4, seed: seed)
    let plan = try ModelVotePlan(
      parties: 600, epsilon: 1, classes: 6, features: planted.features, partyAccuracy: 0.8, seed: 0)
    guard case .selection(let selection) = plan.randomizer else {
      Issue.record("the randomiser selects no subsets")
      return
    }
    #expect(selection.subsetSize == 2 && plan.answersPerParty == 1)
    let votes = votes(planted, plan, seed: seed)
    let decoded = try ModelVotes(votes, plan: plan, seed: 0)
    let counted = try planted.accuracy(votes.posterior())
    let found = try planted.accuracy(decoded.posterior)
    #expect(decoded.choice.path == .decoded)
    #expect(counted < 0.5, "\(counted)")
    #expect(found > 0.75, "\(found)")
  }

  @Test func `released answers are decoded from one end to the other`() throws {
    let planted = try PlantedVotes(
      probes: 240, classes: 4, rates: [1], epsilon: 1, spread: 0.3, seed: 9)
    let plan = try ModelVotePlan(
      parties: 200, epsilon: 8, classes: 4, features: planted.features, partyAccuracy: 0.8, seed: 0)
    let released = try (0..<200).map { party in
      var ledger = BudgetLedger(budget: try plan.budget)
      return try plan.release(planted.classes, of: party, from: &ledger)
    }
    let votes = try ModelVotes(released, plan: plan, seed: 0)
    // 400 answers, of which 19 in 20 are right, about four clusters that lie apart: noise that turns a
    // cluster has a probability below 1e-20.
    #expect(try planted.accuracy(votes.posterior) > 0.9)
    #expect(votes.posterior.shape == [240, 4])
  }

  /// Three classes and sets of two: every answer's probability by hand.
  @Test func `a set's probability goes through error and randomiser`() throws {
    let selection = try SubsetSelection(
      categories: 3, odds: Odds(favoured: 5, other: 2), subsetSize: 2)
    let sets = [[0, 1], [0, 2], [1, 2]]
    let votes = VoteCounts(
      answers: sets.map { .init(party: 0, probe: 0, labels: $0) }, probeCount: 1,
      responses: [.selection(selection)])
    let posterior = [0.2, 0.3, 0.5]
    let found = VoterReliability(expectedOf: votes)
      .logProbabilities(of: votes, posterior: posterior)
    // Weights 5, 5 and 2 of the sets with and without the own label.
    for (place, set) in sets.enumerated() {
      var expected = 0.0
      for truth in 0..<3 {
        for own in 0..<3 {
          let error = own == truth ? 0.85 : 0.075
          expected += posterior[truth] * error * (set.contains(own) ? 5.0 : 2) / 12
        }
      }
      let logarithm = try Tensor(expected).logarithm().scalar()
      #expect(abs(found[place] - logarithm) < 1e-12)
    }
    let counts: [Double] = try votes.counts().elements()
    #expect(counts == [2, 2, 2])
  }

  @Test func `pooled parties have one reliability`() throws {
    let planted = try PlantedVotes(
      probes: 50, classes: 3, rates: [0.9, 0.5], epsilon: 2, seed: 1)
    let pooled = planted.votes.pooled()
    #expect(pooled.partyCount == 1 && pooled.answers.count == planted.votes.answers.count)
    let unlike = VoteCounts(
      answers: planted.votes.answers, probeCount: 50,
      responses: [
        try RandomizedResponse(categories: 3, epsilon: 1),
        try RandomizedResponse(categories: 3, epsilon: 2),
      ])
    #expect(unlike.pooled().partyCount == 2)
  }
}
