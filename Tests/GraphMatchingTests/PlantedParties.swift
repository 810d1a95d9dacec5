import GraphMatching
import Symmetry
import Tensors

/// Parties that are one model in orders of their own, each with noise of its own.
struct PlantedParties {
  /// For every party, one tensor a term.
  var tensors: [[Tensor]] = []
  /// For every party and group: position `i` of the party is the model's `indices[i]`.
  var planted: [[GroupID: Permutation]] = []

  /// - Parameters:
  ///   - noise: The noise's standard deviation; the model's is 1.
  init(
    _ count: Int, terms: [MatchingTerm], sizes: [GroupID: Int], noise: Double, seed: UInt64
  ) throws {
    var generator = SplitMix(seed)
    let model = try terms.map { try Tensor.normal($0.shape, seed: generator.next()) }
    for _ in 0..<count {
      var orders: [GroupID: Permutation] = [:]
      for (group, size) in sizes.sorted(by: { $0.key < $1.key }) {
        orders[group] = .random(size, using: &generator)
      }
      let noisy = try model.map {
        try $0.adding(
          Tensor.normal($0.shape, seed: generator.next()).multiplied(by: noise))
      }
      tensors.append(try permuted(noisy, by: orders, terms: terms))
      planted.append(orders)
    }
  }

  /// Whether the permutations lead every party to party 0's order.
  func isRecovered(_ found: [[GroupID: Permutation]]) -> Bool {
    zip(found, planted).allSatisfy { found, planted in
      planted.allSatisfy { group, order in
        found[group].map { order.then($0) } == self.planted[0][group]
      }
    }
  }
}

/// A network of two hidden layers: `[h1, in]`, `[h2, h1]`, `[out, h2]`, and its signatures.
struct TwoLayerNetwork {
  let first = GroupID(0)
  let second = GroupID(1)
  let sizes: [GroupID: Int]
  let weights: [MatchingTerm]
  let signatures: [MatchingTerm]

  init(inputs: Int = 32, widths: (Int, Int) = (24, 20), outputs: Int = 10, samples: Int = 40) throws
  {
    sizes = [first: widths.0, second: widths.1]
    let one = AxisStructure.group(first, size: widths.0)
    let two = AxisStructure.group(second, size: widths.1)
    weights = [
      try MatchingTerm(axes: [one, .fixed(inputs)], weight: 1),
      try MatchingTerm(axes: [two, one], weight: 1),
      try MatchingTerm(axes: [.fixed(outputs), two], weight: 1),
    ]
    signatures = [
      try MatchingTerm(axes: [one, .fixed(samples)], weight: 0.5),
      try MatchingTerm(axes: [two, .fixed(samples)], weight: 0.5),
    ]
  }
}
