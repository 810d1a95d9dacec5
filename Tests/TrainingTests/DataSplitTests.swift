import Testing
import Training

@Suite struct DataSplitTests {
  let labels = (0..<1003).map { ($0 * $0) % 7 }

  @Test(arguments: [
    DataSplit.iid(shards: 1), .iid(shards: 10), .dirichlet(concentration: 0.5, shards: 10),
    .dirichlet(concentration: 1e-4, shards: 5), .dirichlet(concentration: 100, shards: 3),
  ])
  func `every record is dealt once`(split: DataSplit) {
    for seed in 0..<20 as Range<UInt64> {
      let shards = split.deal(labels, seed: seed)
      #expect(shards.flatMap { $0 }.sorted() == Array(labels.indices))
      #expect(shards.allSatisfy { $0 == $0.sorted() })
    }
  }

  @Test func `equal shards differ by one record at most`() {
    let sizes = DataSplit.iid(shards: 10).deal(labels, seed: 1).map(\.count)
    #expect(sizes.allSatisfy { (100...101).contains($0) })
  }

  @Test func `the seed decides`() {
    let split = DataSplit.dirichlet(concentration: 0.5, shards: 4)
    #expect(split.deal(labels, seed: 1) == split.deal(labels, seed: 1))
    #expect(split.deal(labels, seed: 1) != split.deal(labels, seed: 2))
  }

  @Test func `fewer than one record a shard is dealt too`() {
    #expect(DataSplit.iid(shards: 5).deal([], seed: 1) == [[], [], [], [], []])
    #expect(DataSplit.iid(shards: 5).deal([0, 0], seed: 1).flatMap { $0 }.sorted() == [0, 1])
  }

  /// A share of a symmetric Dirichlet(a) over K shards has mean 1/K and variance
  /// (K - 1) / (K² (K a + 1)).
  @Test(arguments: [0.1, 0.5, 2.0])
  func `shares of a class have the variance of the distribution`(concentration: Double) {
    let shards = 4
    // 2,000 classes of 1,000 records, so rounding hardly shows.
    let labels = (0..<2_000_000).map { $0 / 1000 }
    let split = DataSplit.dirichlet(concentration: concentration, shards: shards)
    let first = split.deal(labels, seed: 11)[0]
    var counts = [Double](repeating: 0, count: 2000)
    for index in first { counts[labels[index]] += 1 }
    let shares = counts.map { $0 / 1000 }
    let mean = shares.reduce(0, +) / 2000
    let variance = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1999
    let k = Double(shards)
    let expected = (k - 1) / (k * k * (k * concentration + 1))
    // The seed is fixed; the standard error of the mean is below 0.009, of the variance below 4 %.
    #expect(abs(mean - 1 / k) < 0.03)
    #expect(abs(variance / expected - 1) < 0.15)
  }
}
