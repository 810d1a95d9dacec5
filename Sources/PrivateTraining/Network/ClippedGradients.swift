internal import Models
package import Tensors
internal import Training

/// Sums of per-record gradients of the cross-entropy, each clipped to a norm.
///
///     sum over records of gradient[i] min(1, clip / ||gradient[i]||)
///
/// Abadi et al. 2016, "Deep Learning with Differential Privacy", Algorithm 1; the norm is over all
/// layers together. A record contributes nothing when its gradient is infinite or NaN, more than
/// 2^60 times as long as the clip, or taken at a layer whose input is longer than 2^60.
package struct ClippedGradients {
  let graph: RecordwiseGraph
  let clip: Double

  /// - Parameter clip: The greatest norm; above 0.
  package init(_ graph: RecordwiseGraph, clip: Double) {
    self.graph = graph
    self.clip = clip
  }

  /// The greatest number of records whose sum is taken at once.
  static let greatestPart = 128

  /// By how much, relative to the clip, floating point may take the sums of two neighbours apart.
  ///
  /// - One part's sum of n clipped gradients in single precision is off by at most n 2^-24 n clip,
  ///   in whatever order they are added (Higham 2002, section 4.2): by at most 2^-10 clip for 128
  ///   records, and by as much for the same part with one record empty.
  /// - ``LayerGradients`` adds at most 2^-12 twice where it uses Gram matrices.
  /// - Sums of parts are added in double precision: less than 2^-20 for a million records.
  ///
  /// This supposes that the engine computes a record's values from that record's and the shapes
  /// alone: then emptying a record, which keeps the batches' sizes, leaves the other records'
  /// clipped gradients as they are, bit for bit, and all other parts' sums.
  static let slack = 0x1p-8

  /// Below `clip` by more than a factor and its product with a gradient are off, which is by 2^-24
  /// of themselves each, and a norm, which is by 2^-40.
  private var target: Double { clip * (1 - 0x1p-22) }

  /// - Parameters:
  ///   - inputs: By name, each with a first axis of records.
  ///   - labels: The class of every record, `int64` of shape `[n]`, n above 0.
  ///   - parameters: Leaves by name.
  ///   - sum: Added to: all of the graph's `parameterNames`, one after the other.
  package func add(
    _ inputs: [String: Tensor], labels: Tensor, parameters: [String: Tensor],
    to sum: inout GradientSum
  ) throws {
    let gradients = try layerGradients(inputs, labels: labels, parameters: parameters)
    try withoutGradients {
      let factors = try Self.factors(gradients, target: target)
      for range in (0..<factors.count).parts(ofAtMost: Self.greatestPart) {
        let part = factors[range]
        let weights = try Tensor(part.map { Float($0 ?? 0) }, shape: [part.count])
        let isFinite =
          try part.contains(nil)
          ? Tensor(part.map { $0 == nil ? UInt8(0) : 1 }, shape: [part.count]).cast(to: .bool)
          : nil
        try sum.add(gradients.flatMap { try $0.weightedSums(range, weights, where: isFinite) })
      }
    }
  }

  /// Upper bounds of the norms of the records' gradients.
  package func norms(
    _ inputs: [String: Tensor], labels: Tensor, parameters: [String: Tensor]
  ) throws -> [Double] {
    let gradients = try layerGradients(inputs, labels: labels, parameters: parameters)
    return try withoutGradients { try Self.squaredNorms(gradients).map { $0.squareRoot() } }
  }

  /// One pass forwards, and one backwards to the layers' outputs but to no weight.
  private func layerGradients(
    _ inputs: [String: Tensor], labels: Tensor, parameters: [String: Tensor]
  ) throws -> [LayerGradients] {
    let values = try graph.values(inputs, count: labels.count, parameters: parameters)
    guard let logits = values[graph.logitsName] else { return [] }
    // The sum, so that a record's gradient does not depend on how many there are.
    let sum = 2
    let loss = try engineCall1(
      "cross_entropy_loss", [.tensor(logits), .tensor(labels), .none, .int(sum)])
    let outputs = graph.layers.compactMap { values[$0.output] }
    let outputGradients = try loss.gradients(of: outputs)
    return try withoutGradients {
      try zip(graph.layers, outputGradients).compactMap { layer, outputGradient in
        guard let input = values[layer.input], let weight = parameters[layer.weight] else {
          return nil
        }
        return try LayerGradients(
          layer, input: input, outputGradient: outputGradient, weightShape: weight.shape)
      }
    }
  }

  private static func squaredNorms(_ gradients: [LayerGradients]) throws -> [Double] {
    guard let first = gradients.first else { return [] }
    return try gradients.dropFirst().reduce(first.squaredNorms()) {
      try $0.adding($1.squaredNorms())
    }.elements()
  }

  /// A smaller factor is not used: near 2^-126, where single precision ends, rounding would be of
  /// more than 2^-24.
  private static let leastFactor = 0x1p-60

  /// min(1, target / norm); nil for a norm that is not finite, or that stands for nothing.
  private static func factors(_ gradients: [LayerGradients], target: Double) throws -> [Double?] {
    try squaredNorms(gradients).map { square in
      let factor = min(1, target / square.squareRoot())
      return square.isFinite && factor >= leastFactor ? factor : nil
    }
  }
}
