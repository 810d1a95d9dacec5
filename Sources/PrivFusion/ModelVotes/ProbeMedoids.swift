internal import Models
public import Tensors

/// Probes that stand for all others: the middles of clusters of the probe graph.
///
/// k-means on the rows of the graph's leading eigenvectors, each row brought to unit length; of every
/// cluster the probe that is nearest to its mean. Ng, Jordan, Weiss 2001, "On spectral clustering",
/// section 2; started after Arthur, Vassilvitskii 2007, the best of several starts. The same features,
/// count and seed give the same clusters, on one thread.
public struct ProbeMedoids: Sendable, Equatable {
  /// Distinct, shape `[count]`.
  public let probes: [Int]
  /// The probes of every cluster, its medoid first and the others by their distance from the mean;
  /// shape `[count, ...]`, none empty, together all probes.
  public let members: [[Int]]

  private static let greatestFunctions = 200

  /// - Parameters:
  ///   - features: Public numbers of every probe, shape `[m, d]`, m at least 2.
  ///   - count: K, from 1 to m.
  ///   - seed: Where iterations start.
  /// - Complexity: O(m K r) for each of at most 120 rounds, r = min(K, 200); beside the graph's.
  public init(features: Tensor, count: Int, seed: UInt64) throws {
    self = try TensorEngine.withThreads(1) {
      try withoutGradients {
        let graph = try ProbeGraph(features: features)
        let spectrum = try graph.spectrum(
          count: min(Self.greatestFunctions, graph.probeCount), seed: seed)
        return try ProbeMedoids(spectrum, count: count, seed: seed)
      }
    }
  }

  init(_ spectrum: ProbeGraph.Spectrum, count: Int, seed: UInt64) throws {
    let points = try spectrum.normalizedBasis(count: min(count, Self.greatestFunctions))
    let total = points.shape[0]
    precondition(count > 0 && count <= total, "there are at least as many probes as medoids")
    guard count < total else {
      probes = Array(0..<total)
      members = probes.map { [$0] }
      return
    }
    var generator = SeededGenerator(seed: seed)
    let means = try SphereMeans(points)
    var best = try means.clusters(count, using: &generator)
    // Few clusters depend much on where they start, and cost little.
    for _ in 1..<(count <= 100 ? 6 : 1) {
      let found = try means.clusters(count, using: &generator)
      if found.spread < best.spread { best = found }
    }
    members = Self.filled(best, count: count)
    probes = members.map { $0[0] }
  }

  /// Every cluster's probes by their distance; a cluster that is left empty takes the farthest probe
  /// of the largest.
  private static func filled(_ found: SphereMeans.Clusters, count: Int) -> [[Int]] {
    var members = [[Int]](repeating: [], count: count)
    for (probe, cluster) in found.assignment.enumerated() { members[cluster].append(probe) }
    for cluster in members.indices {
      members[cluster].sort { (found.distances[$0], $0) < (found.distances[$1], $1) }
    }
    for cluster in members.indices where members[cluster].isEmpty {
      let largest = members.indices.max { (members[$0].count, $1) < (members[$1].count, $0) }
      if let largest { members[cluster] = [members[largest].removeLast()] }
    }
    return members
  }
}
