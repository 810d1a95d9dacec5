internal import Foundation

extension ModelVotePlan {
  /// What predictions rest on: measured once on Fashion-MNIST's 2,000 public probes, with
  /// features learnt from them.
  enum Measured {
    /// The share of probes in the commonest class of their cluster, by the number of clusters for each
    /// class.
    private static let purityByRatio: [(ratio: Double, purity: Double)] = [
      (1, 0.71), (1.5, 0.73), (2, 0.745), (3, 0.76), (5, 0.795), (10, 0.80), (20, 0.83),
      (50, 0.875),
    ]

    /// The expected purity by the number of clusters, for those that so many probes can make; 1 where
    /// every probe is its own.
    static func purities(classes: Int, probes: Int) -> [Int: Double] {
      var result: [Int: Double] = [probes: 1]
      for (ratio, purity) in purityByRatio {
        let count = Int((ratio * Double(classes)).rounded())
        // With fewer than four probes to a cluster the table says nothing.
        if count >= 1, count * 4 <= probes { result[count] = purity }
      }
      return result
    }
  }
}
