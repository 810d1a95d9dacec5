import PrivFusion
import Testing

@Suite struct ProbeDealingTests {
  /// 1 to 5 clusters of unlike sizes, every number of parties up to 12, every number of questions.
  @Test func `no cluster is asked about more than once more than another, and no party twice`() {
    for clusters in 1...5 {
      let members = (0..<clusters).map { cluster in (0...cluster).map { 10 * cluster + $0 } }
      for parties in 1...12 {
        for answers in 1...clusters {
          let dealing = ProbeDealing(members, parties: parties, answers: answers, seed: 3)
          #expect(dealing.probes.count == parties)
          var asked = [Int](repeating: 0, count: clusters)
          for probes in dealing.probes {
            #expect(probes.count == answers)
            #expect(Set(probes.map { $0 / 10 }).count == answers)
            for probe in probes {
              asked[probe / 10] += 1
              #expect(members[probe / 10].contains(probe))
            }
          }
          #expect((asked.max() ?? 0) - (asked.min() ?? 0) <= 1)
        }
      }
    }
  }

  @Test func `questions about a cluster are spread over its probes`() {
    let dealing = ProbeDealing([Array(0..<100)], parties: 10, answers: 1, seed: 0)
    #expect(dealing.probes.flatMap { $0 }.sorted() == stride(from: 0, to: 100, by: 10).map { $0 })
    let many = ProbeDealing([[7, 8, 9]], parties: 9, answers: 1, seed: 0)
    #expect(many.probes.flatMap { $0 }.sorted() == [7, 7, 7, 8, 8, 8, 9, 9, 9])
  }

  @Test func `everyone deals the same`() {
    let members = (0..<40).map { [$0] }
    let one = ProbeDealing(members, parties: 30, answers: 3, seed: 5)
    #expect(one == ProbeDealing(members, parties: 30, answers: 3, seed: 5))
    #expect(one != ProbeDealing(members, parties: 30, answers: 3, seed: 6))
  }
}
