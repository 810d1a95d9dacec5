public import Tensors

/// A graph with every batch normalisation that directly follows a linear layer folded into it.
///
///     weight' = weight · scale / sqrt(variance + epsilon)
///     bias'   = (bias - mean) · scale / sqrt(variance + epsilon) + shift
///
/// The function in inference is the same. Folding is undone by ``unfold(_:statistics:)``.
public struct BatchNormFolding: Sendable {
  struct Fold: Sendable {
    let weight: String
    let outputAxis: Int
    /// The layer's own bias, before folding.
    let bias: String?
    /// The bias after folding: its own, or a new one.
    let foldedBias: String
    let scale: String
    let shift: String
    let mean: String
    let variance: String
    let epsilon: Double
    /// The value after folding.
    let output: String
  }

  public let original: ModelGraph
  /// The folded graph. Its initializers have the right shapes, and no values of folded parameters: a
  /// weight is the original's, a bias that was not there is 0. See ``foldedGraph()``.
  public let graph: ModelGraph
  let folds: [Fold]
  private let foldsByWeight: [String: Int]
  private let foldsByBias: [String: Int]

  public init(_ original: ModelGraph) throws {
    self.original = original
    var readers: [String: Int] = [:]
    for name in original.nodes.flatMap(\.inputs) { readers[name, default: 0] += 1 }
    let outputs = Set(original.outputs.map(\.name))
    let layers = Dictionary(
      uniqueKeysWithValues: original.linearLayers.map { ($0.output, $0) })
    let initializers = original.initializers

    var nodes = original.nodes
    var folds: [Fold] = []
    var removed: Set<Int> = []
    for (index, node) in original.nodes.enumerated() where node.operation == "BatchNormalization" {
      let value = node.inputs[0]
      // After a product of more than two axes, axis 1 of the value is not the layer's units.
      guard let layer = layers[value], readers[value] == 1, !outputs.contains(value),
        layer.unitAxis == 1,
        node.inputs[1...4].allSatisfy({ readers[$0] == 1 && initializers[$0] != nil })
      else { continue }
      let epsilon = if case .float(let value)? = node.attributes["epsilon"] { value } else { 1e-5 }
      let foldedBias = layer.bias ?? layer.weight + ".folded_bias"
      folds.append(
        Fold(
          weight: layer.weight, outputAxis: layer.outputAxis, bias: layer.bias,
          foldedBias: foldedBias, scale: node.inputs[1], shift: node.inputs[2],
          mean: node.inputs[3], variance: node.inputs[4], epsilon: epsilon,
          output: node.outputs[0]))
      removed.insert(index)
      nodes[layer.node].outputs[0] = node.outputs[0]
      if layer.bias == nil {
        nodes[layer.node].inputs = [nodes[layer.node].inputs[0], layer.weight, foldedBias]
      }
    }
    self.folds = folds
    foldsByWeight = Dictionary(
      folds.enumerated().map { ($1.weight, $0) }, uniquingKeysWith: { $1 })
    foldsByBias = Dictionary(
      folds.enumerated().map { ($1.foldedBias, $0) }, uniquingKeysWith: { $1 })
    var graph = original
    graph.nodes = nodes.indices.filter { !removed.contains($0) }.map { nodes[$0] }
    for name in folds.flatMap({ [$0.scale, $0.shift, $0.mean, $0.variance] }) {
      graph.initializers[name] = nil
    }
    for fold in folds where fold.bias == nil {
      guard let mean = initializers[fold.mean] else { continue }
      graph.initializers[fold.foldedBias] = try Tensor.zeros(mean.shape, type: mean.elementType)
    }
    self.graph = graph
  }

  /// The folded graph with the original's parameters, folded: the same function as the original.
  public func foldedGraph() throws -> ModelGraph {
    try graph.replacing(fold(original.initializers))
  }

  /// Folds another party's parameters, given under this graph's names.
  ///
  /// - Parameter parameters: All parameters of the original graph.
  /// - Returns: All parameters of the folded graph.
  public func fold(_ parameters: [String: Tensor]) throws -> [String: Tensor] {
    try FoldedParameters(self, of: parameters).parameters(graph.parameterNames)
  }

  /// A parameter of the folded graph.
  ///
  /// - Parameter parameters: Those of the original graph.
  fileprivate func folded(_ name: String, of parameters: [String: Tensor]) throws -> Tensor? {
    guard let fold = (foldsByWeight[name] ?? foldsByBias[name]).map({ folds[$0] }),
      let weight = parameters[fold.weight], let scale = parameters[fold.scale],
      let shift = parameters[fold.shift], let mean = parameters[fold.mean],
      let variance = parameters[fold.variance]
    else { return parameters[name] }
    let factor = try scale.divided(by: variance.adding(fold.epsilon).squareRoot())
    if foldsByWeight[name] != nil { return try weight.scaled(by: factor, axis: fold.outputAxis) }
    let bias =
      try fold.bias.flatMap { parameters[$0] }
      ?? Tensor.zeros(mean.shape, type: mean.elementType)
    return try bias.subtracting(mean).multiplied(by: factor).adding(shift)
  }

  /// Values after folded layers, whose means and variances ``unfold(_:statistics:)`` can use.
  public var foldedOutputs: [String] { folds.map(\.output) }

  /// The names of the scale and the shift of the normalisation that makes a value; `nil` for a value
  /// that no folded normalisation makes.
  ///
  /// - Parameter output: One of ``foldedOutputs``.
  public func normalization(of output: String) -> (scale: String, shift: String)? {
    folds.first { $0.output == output }.map { ($0.scale, $0.shift) }
  }

  /// Writes folded parameters back into those of the original graph.
  ///
  /// The weight keeps its folded value; the normalisation gets the statistics of what it will see,
  /// and a scale and shift that undo them, so that the function is that of the folded graph and the
  /// model can be trained further.
  ///
  /// - Parameters:
  ///   - folded: All parameters of the folded graph.
  ///   - statistics: Mean and variance by unit of the values ``foldedOutputs``; where one is missing,
  ///     a mean equal to the bias and a variance of 1 stand in.
  /// - Returns: All parameters of the original graph.
  public func unfold(
    _ folded: [String: Tensor], statistics: [String: (mean: Tensor, variance: Tensor)] = [:]
  ) throws -> [String: Tensor] {
    var result = folded
    for fold in folds {
      guard let bias = folded[fold.foldedBias] else { continue }
      let mean = statistics[fold.output]?.mean ?? bias
      let one = try Tensor.full(bias.shape, 1, type: bias.elementType)
      let variance = try (statistics[fold.output]?.variance ?? one)
        .clamped(atLeast: 1e-6)
      result[fold.foldedBias] = nil
      if let own = fold.bias { result[own] = try Tensor.zeros(bias.shape, type: bias.elementType) }
      result[fold.mean] = try mean.subtracting(bias)
      result[fold.variance] = variance
      result[fold.scale] = try variance.adding(fold.epsilon).squareRoot()
      result[fold.shift] = mean
    }
    return result
  }
}

/// A party's parameters under the names of a folded graph, each folded when it is asked for.
public struct FoldedParameters: ParameterSource {
  private let folding: BatchNormFolding
  private let original: [String: Tensor]

  /// - Parameters:
  ///   - folding: What is folded.
  ///   - original: All parameters of the original graph.
  public init(_ folding: BatchNormFolding, of original: [String: Tensor]) {
    self.folding = folding
    self.original = original
  }

  public func parameter(_ name: String) throws -> Tensor? {
    try folding.folded(name, of: original)
  }
}

extension Tensor {
  /// Each slice along `axis` multiplied by its entry of `factors`.
  ///
  /// - Parameters:
  ///   - factors: Shape `[size of the axis]`.
  ///   - axis: Which axis, in `0 ..< rank`.
  public func scaled(by factors: Tensor, axis: Int) throws -> Tensor {
    var shape = Array(repeating: 1, count: rank)
    shape[axis] = factors.count
    return try multiplied(by: factors.reshaped(shape))
  }
}
