internal import Foundation
internal import Models

/// How labelled records are dealt to the parties of an experiment.
///
/// Every record goes to exactly one shard.
public enum DataSplit: Sendable, Equatable {
  /// Shards of equal size, give or take one, dealt without regard to the class.
  case iid(shards: Int)
  /// Each class is dealt in proportions drawn from a symmetric Dirichlet distribution.
  ///
  /// The smaller the concentration (above 0), the fewer shards hold most of a class; a shard may
  /// come out empty. Hsu, Qi, Brown 2019, section 3, with the roles of class and client swapped as
  /// is usual since.
  case dirichlet(concentration: Double, shards: Int)

  /// The indices of the records of every shard, ascending; the same for the same seed.
  ///
  /// - Parameters:
  ///   - labels: The class of every record.
  ///   - seed: Decides the drawn proportions and which records go to which shard.
  /// - Returns: One array a shard.
  public func deal(_ labels: [Int], seed: UInt64) -> [[Int]] {
    var generator = SeededGenerator(seed: seed)
    switch self {
    case .iid(let shards):
      precondition(shards > 0, "the number of shards must be above 0, got \(shards)")
      let equal = [Double](repeating: 1 / Double(shards), count: shards)
      let order = labels.indices.shuffled(using: &generator)
      return cut(order, into: equal).map { $0.sorted() }
    case .dirichlet(let concentration, let shards):
      precondition(shards > 0, "the number of shards must be above 0, got \(shards)")
      precondition(
        concentration > 0 && concentration.isFinite,
        "the concentration must be finite and above 0, got \(concentration)")
      var result = [[Int]](repeating: [], count: shards)
      let byClass = Dictionary(grouping: labels.indices) { labels[$0] }
      for (_, members) in byClass.sorted(by: { $0.key < $1.key }) {
        let proportions = dirichletProportions(
          concentration: concentration, count: shards, using: &generator)
        let parts = cut(members.shuffled(using: &generator), into: proportions)
        for (shard, part) in parts.enumerated() { result[shard] += part }
      }
      return result.map { $0.sorted() }
    }
  }

  /// Consecutive parts of `order` whose ends lie at the cumulative proportions, rounded.
  private func cut(_ order: [Int], into proportions: [Double]) -> [ArraySlice<Int>] {
    var start = 0
    var cumulative = 0.0
    return proportions.indices.map { index in
      cumulative += proportions[index]
      let isLast = index == proportions.count - 1
      let rounded = Int((cumulative * Double(order.count)).rounded())
      let end = isLast ? order.count : min(max(rounded, start), order.count)
      defer { start = end }
      return order[start..<end]
    }
  }
}

/// A draw from the symmetric Dirichlet distribution: independent gamma variables over their sum.
private func dirichletProportions(
  concentration: Double, count: Int, using generator: inout SeededGenerator
) -> [Double] {
  let logarithms = (0..<count).map { _ in
    logGamma(shape: concentration, using: &generator)
  }
  // Relative to the largest, because for small shapes every variable may underflow.
  let largest = logarithms.max() ?? 0
  let weights = logarithms.map { exp($0 - largest) }
  let sum = weights.reduce(0, +)
  return weights.map { $0 / sum }
}

/// The logarithm of a gamma variable of scale 1.
///
/// Marsaglia & Tsang 2000, section 6; for shapes below 1, gamma(a) = gamma(a + 1) · U^(1/a).
private func logGamma(shape: Double, using generator: inout SeededGenerator) -> Double {
  if shape < 1 {
    return logGamma(shape: shape + 1, using: &generator)
      + log(positiveUniform(&generator)) / shape
  }
  // d, c, x, v and u are the paper's.
  let d = shape - 1.0 / 3
  let c = 1 / (9 * d).squareRoot()
  while true {
    let x = normal(&generator)
    guard 1 + c * x > 0 else { continue }
    let v = pow(1 + c * x, 3)
    let u = positiveUniform(&generator)
    if log(u) < x * x / 2 + d * (1 - v + log(v)) { return log(d * v) }
  }
}

/// A standard normal number, by Box and Muller's transform.
private func normal(_ generator: inout SeededGenerator) -> Double {
  let radius = (-2 * log(positiveUniform(&generator))).squareRoot()
  return radius * cos(2 * Double.pi * positiveUniform(&generator))
}

/// Uniform in (0, 1].
private func positiveUniform(_ generator: inout SeededGenerator) -> Double {
  1 - Double.random(in: 0..<1, using: &generator)
}
