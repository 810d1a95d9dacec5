import LocalPrivacy
import Models
import PrivFusion
import Tensors
import Testing

/// Decoding votes on the graph of the probes. All randomness is seeded, so that nothing here can
/// fail by chance.
@Suite struct VoteFilterTests {
  @Test func `labels that counts cannot tell are found on the graph`() throws {
    let planted = try PlantedVotes(
      probes: 400, classes: 5, rates: [0.9, 0.9, 0.9], epsilon: 1, seed: 1)
    let filter = try VoteFilter(planted.votes, features: planted.features, seed: 2)
    let accuracy = try (
      counts: planted.accuracy(planted.votes.posterior()),
      decoded: planted.accuracy(filter.posterior)
    )
    #expect(accuracy.counts < 0.65)
    #expect(accuracy.decoded > 0.9, "\(filter.settings)")
    #expect(filter.choice.path == .decoded)
    #expect(filter.choice.heldOutDecoded > filter.choice.heldOutCounts)
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func `a graph of noise is not believed`(seed: UInt64) throws {
    let planted = try PlantedVotes(
      probes: 300, classes: 5, rates: [0.9, 0.9, 0.9], epsilon: 4, seed: seed)
    let noise = try Tensor.normal([300, 16], seed: seed &+ 100)
    let filter = try VoteFilter(planted.votes, features: noise, seed: 2)
    #expect(filter.choice.path == .counts)
    #expect(try filter.posterior.isIdentical(to: planted.votes.posterior()))
  }

  @Test func `a posterior is a posterior`() throws {
    let planted = try PlantedVotes(
      probes: 90, classes: 3, rates: [0.9, 0.6], epsilon: 1, seed: 4)
    let filter = try VoteFilter(planted.votes, features: planted.features, seed: 0)
    #expect(filter.posterior.shape == [90, 3])
    let sums: [Double] = try filter.posterior.sum([1]).elements()
    // Double precision.
    #expect(sums.allSatisfy { abs($0 - 1) < 1e-12 })
  }

  @Test func `the same votes give the same posterior on any number of threads`() throws {
    let planted = try PlantedVotes(
      probes: 700, classes: 4, rates: [0.9, 0.8], epsilon: 1, seed: 5)
    let runs = try [1, 2].map { threads in
      try TensorEngine.withThreads(threads) {
        try VoteFilter(planted.votes, features: planted.features, seed: 9)
      }
    }
    #expect(try runs[0].posterior.isIdentical(to: runs[1].posterior))
    #expect(runs[0].choice == runs[1].choice)
    #expect(runs[0].settings == runs[1].settings)
  }

  @Test func `votes for one class alone are decoded to it`() throws {
    let response = try RandomizedResponse(categories: 4, epsilon: 4)
    let answers = (0..<60).map { VoteCounts.Answer(party: $0 % 2, probe: $0 / 2, label: 3) }
    let votes = VoteCounts(answers: answers, probeCount: 30, responses: [response, response])
    let filter = try VoteFilter(
      votes, features: Tensor.normal([30, 4], seed: 0), seed: 0)
    let found: [Int64] = try filter.posterior.argmax(axis: 1).elements()
    #expect(found.allSatisfy { $0 == 3 })
    #expect(try filter.posterior.isFinite())
  }

  /// A graph of two nodes, of fewer than ten neighbours each, and of just enough.
  @Test(arguments: [2, 3, 9, 10, 11, 12])
  func `few probes are decoded`(probes: Int) throws {
    let planted = try PlantedVotes(
      probes: probes, classes: 2, rates: [0.9, 0.9], epsilon: 2, seed: 6)
    let filter = try VoteFilter(planted.votes, features: planted.features, seed: 0)
    #expect(filter.posterior.shape == [probes, 2])
    #expect(try filter.posterior.isFinite())
  }

  /// Fifty probes that no graph can be made of in the ordinary way.
  enum DegenerateProbes: CaseIterable {
    case allAlike, twoPointsRepeated, oneFarAway, allAtTheOrigin

    func features() throws -> Tensor {
      switch self {
      case .allAlike: try Tensor.full([50, 3], 2)
      case .twoPointsRepeated:
        try Tensor.normal([2, 3], seed: 0).selecting((0..<50).map { $0 % 2 }, axis: 0)
      case .oneFarAway:
        try Tensor.concatenated([
          Tensor.normal([49, 3], seed: 0).multiplied(by: 1e-3), Tensor.full([1, 3], 1e6),
        ])
      case .allAtTheOrigin: try Tensor.zeros([50, 1])
      }
    }
  }

  @Test(arguments: DegenerateProbes.allCases)
  func `degenerate probes are decoded`(probes: DegenerateProbes) throws {
    let planted = try PlantedVotes(
      probes: 50, classes: 3, rates: [0.9, 0.9], epsilon: 2, seed: 7)
    let filter = try VoteFilter(planted.votes, features: probes.features(), seed: 0)
    #expect(try filter.posterior.isFinite())
    #expect(filter.choice.heldOutDecoded.isFinite)
  }

  @Test func `probes that nobody answers are predicted from like probes`() throws {
    let planted = try PlantedVotes(
      probes: 200, classes: 4, rates: [0.9, 0.9, 0.9], epsilon: 2, seed: 8)
    let answered = planted.votes.answers.filter { $0.probe % 8 != 0 && $0.probe % 8 != 5 }
    let votes = VoteCounts(
      answers: answered, probeCount: 200, responses: planted.votes.responses)
    let filter = try VoteFilter(votes, features: planted.features, seed: 0)
    #expect(filter.choice.path == .decoded)
    #expect(try planted.accuracy(filter.posterior) > 0.95)
  }
}
