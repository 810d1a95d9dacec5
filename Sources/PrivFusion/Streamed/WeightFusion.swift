public import GraphMatching
public import Models
internal import Symmetry
public import Tensors

/// Fuses networks by their weights alone, without inputs: neurons are matched by weights, weights are
/// averaged in the first model's order.
///
///     fused = mean over parties of P_p W_p,   P from `StreamedMatching` over all parameters
///
/// Nothing is filtered or adapted, which needs inputs, and nothing is randomised: all models are in one
/// hand. No more than a few parameters are held at a time, whatever the size of the networks: each is
/// read where it is needed, and computed on in single precision or better. Weight matching is Ainsworth,
/// Hayase, Srinivasa 2023, "Git Re-Basin", section 3.2.
public struct WeightFusion: Sendable {
  /// The proved symmetry that neurons are matched within.
  public let symmetry: WeightSymmetry
  private let names: [String]
  private let parties: [[String: Tensor]]
  private var matching: StreamedMatching
  /// Of all parties, once they are matched.
  private var orders: [[GroupID: Permutation]]?

  /// How far a matching has come; see `StreamedMatching/State`.
  public typealias State = StreamedMatching.State

  /// - Parameters:
  ///   - graph: The architecture; its parameters' values do not matter.
  ///   - parties: For every model all of its initializers, under the names of `graph`.
  ///   - seed: For the check of the symmetry.
  ///   - state: Where an earlier matching of the same models stood; `nil` for the beginning.
  /// - Throws: ``FusionError/noParties``, ``FusionError/missingParameter(_:)``; `ModelError` for a graph
  ///   that can't be looked at.
  public init(
    _ graph: ModelGraph, parties: [[String: Tensor]], seed: UInt64, from state: State? = nil
  ) throws {
    guard !parties.isEmpty else { throw FusionError.noParties }
    let symmetry = try WeightSymmetry(graph, seed: seed)
    let names = graph.parameterNames
    for name in names where !parties.allSatisfy({ $0[name] != nil }) {
      throw FusionError.missingParameter(name)
    }
    let terms = try names.map {
      try MatchingTerm(axes: symmetry.groups.structures[$0] ?? [], weight: 1)
    }
    matching = try StreamedMatching(
      of: parties.map { party in
        PartyTensors(count: names.count) { term in
          guard let tensor = party[names[term]] else {
            throw FusionError.missingParameter(names[term])
          }
          // What the last layer's tensors took lies scattered: without this a network leaves a hole a
          // layer, and the memory of all of them in double precision.
          TensorEngine.returnMemory()
          return tensor
        }
      }, terms: terms, from: state)
    (self.symmetry, self.names, self.parties) = (symmetry, names, parties)
    orders = matching.isFinished ? try matching.permutations : nil
  }

  /// Whether all models are matched.
  public var isMatched: Bool { matching.isFinished }

  /// How far the matching has come, to go on from.
  public var state: State { matching.state }

  /// The share of the matching that is done, in [0, 1].
  public var progress: Double { matching.progress }

  /// Takes the matching one step further.
  public mutating func matchFurther() throws {
    try matching.step()
    orders = matching.isFinished ? try matching.permutations : nil
  }

  /// The fused value of an initializer, in single precision; one that is no parameter is the first
  /// model's.
  ///
  /// - Throws: ``FusionError/missingParameter(_:)``.
  public func fused(_ name: String) throws -> Tensor {
    guard let first = parties[0][name] else { throw FusionError.missingParameter(name) }
    guard names.contains(name) else { return first }
    guard let permutations = orders else {
      preconditionFailure("not all models are matched")
    }
    let working: ElementType = first.elementType == .float64 ? .float64 : .float32
    var sum: Tensor?
    for (party, order) in zip(parties, permutations) {
      guard let tensor = party[name] else { throw FusionError.missingParameter(name) }
      let aligned = try symmetry.groups.permuted(tensor.cast(to: working), named: name, by: order)
      sum = try sum.map { try $0.adding(aligned) } ?? aligned
    }
    return try (sum ?? first).multiplied(by: 1 / Double(parties.count))
  }
}
