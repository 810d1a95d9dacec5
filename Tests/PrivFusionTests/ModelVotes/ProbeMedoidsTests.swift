import PrivFusion
import Tensors
import Testing

@Suite struct ProbeMedoidsTests {
  @Test(arguments: [1, 2, 7, 50, 119, 120])
  func `medoids are distinct probes, and clusters share out all of them`(count: Int) throws {
    let features = try Tensor.normal([120, 6], seed: 2)
    let medoids = try ProbeMedoids(features: features, count: count, seed: 0)
    #expect(medoids.probes.count == count && Set(medoids.probes).count == count)
    #expect(medoids.probes == medoids.members.map { $0[0] })
    #expect(medoids.members.flatMap { $0 }.sorted() == Array(0..<120))
  }

  @Test func `clusters that lie apart are found`() throws {
    let planted = try PlantedVotes(
      probes: 300, classes: 5, rates: [1], epsilon: 1, spread: 0.1, seed: 3)
    let medoids = try ProbeMedoids(features: planted.features, count: 5, seed: 1)
    for members in medoids.members {
      #expect(Set(members.map { planted.classes[$0] }).count == 1)
      #expect(members.count == 60)
    }
  }

  @Test func `the same features and seed give the same medoids on any number of threads`() throws {
    let features = try Tensor.normal([700, 8], seed: 2)
    let runs = try [1, 2].map { threads in
      try TensorEngine.withThreads(threads) {
        try ProbeMedoids(features: features, count: 20, seed: 4)
      }
    }
    #expect(runs[0] == runs[1])
  }

  /// All alike, and all at the origin: no graph tells them apart.
  @Test(arguments: [0.0, 2.0])
  func `probes that nothing tells apart still make distinct medoids`(value: Double) throws {
    let medoids = try ProbeMedoids(features: .full([30, 3], value), count: 8, seed: 0)
    #expect(Set(medoids.probes).count == 8)
    #expect(medoids.members.flatMap { $0 }.sorted() == Array(0..<30))
  }
}
