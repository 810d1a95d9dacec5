internal import GraphMatching
internal import ModelFormats
internal import Models
internal import Symmetry
internal import Tensors

struct MatchingParameters: Decodable {
  /// ONNX files of one architecture.
  let models: [String]
  /// The shape of one input.
  let shape: [Int]
}

/// Networks brought into a common order by their weights alone; the groups are derived before.
///
/// The result is the mean cosine of the aligned weights of two networks.
func matching(_ parameters: MatchingParameters) throws -> Repetition {
  let graphs = try parameters.models.map {
    try ONNXModel(contentsOf: $0).graph
  }
  let graph = graphs[0]
  let groups = try PermutationGroups(
    ForwardPass(graph), inputs: ["x": .zeros([1] + parameters.shape)])
  // Not the statistics, which the other side does not match either.
  let statistics = Set(
    graph.nodes.filter { $0.operation == "BatchNormalization" }.flatMap { $0.inputs.dropFirst(3) })
  let names = graph.parameterNames.filter { !statistics.contains($0) }
  let terms = try names.map { try MatchingTerm(axes: groups.structures[$0] ?? [], weight: 1) }
  let parties = try graphs.map { graph in
    try names.map { name in
      guard let tensor = graph.initializers[name] else { throw MissingArray(name: name, path: "") }
      return tensor
    }
  }
  guard parties.count == 2 else {
    return {
      try Measurement {
        try universe(of: parties.map(PartyTensors.init), terms: terms)
      } result: { found in
        try [cosine(found.aligned(party: 0), found.aligned(party: 1))]
      }
    }
  }
  return {
    try Measurement {
      try permuted(
        parties[1], by: alignment(of: parties[1], to: parties[0], terms: terms), terms: terms)
    } result: {
      [try cosine(parties[0], $0)]
    }
  }
}

/// <a, b> / (||a|| ||b||) over all tensors.
private func cosine(_ a: [Tensor], _ b: [Tensor]) throws -> Double {
  func inner(_ a: [Tensor], _ b: [Tensor]) throws -> Double {
    try zip(a, b).reduce(0) {
      try $0 + $1.0.cast(to: .float64).multiplied(by: $1.1.cast(to: .float64)).sum().scalar()
    }
  }
  return try inner(a, b) / (inner(a, a) * inner(b, b)).squareRoot()
}
