public import Models
public import Tensors

/// Evaluates a trunk on any number of inputs, a batch at a time.
public struct FeatureMap: Sendable {
  private let pass: ForwardPass
  private let graph: ModelGraph
  private let output: String

  /// - Parameter trunk: A graph with one output of shape `[batch, dimension]`.
  /// - Throws: ``PrivateTrainingError/trunkOutput(found:)`` when it has no or several outputs;
  ///   `ModelError` when the graph can't be evaluated.
  public init(_ trunk: ModelGraph) throws {
    guard trunk.outputs.count == 1 else {
      throw PrivateTrainingError.trunkOutput(found: trunk.outputs.map(\.name))
    }
    graph = trunk
    output = trunk.outputs[0].name
    pass = try ForwardPass(trunk)
  }

  /// Refuses a trunk in which one input's features depend on another input.
  ///
  /// Made-up inputs are evaluated together twice, one of them changed in between: the features of
  /// the others must stay the same to the last bit. It finds operators that mix inputs, such as a
  /// normalisation over the batch; it is a test, not a proof.
  ///
  /// - Throws: ``PrivateTrainingError/mixesInputs(output:)``; `ModelError` when the trunk can't be
  ///   evaluated.
  public func checkInputsApart() throws {
    let first = try graph.sampleInputs(seed: 1)
    let second = try graph.sampleInputs(seed: 2)
    guard let count = first.values.first?.shape.first, count > 1 else { return }
    let changed = try first.merging(second) { one, other in
      try Tensor.concatenated([one.slice(0..<(count - 1)), other.slice((count - 1)..<count)])
    }
    let before = try features(first).slice(0..<(count - 1))
    let after = try features(changed).slice(0..<(count - 1))
    guard try before.isIdentical(to: after) else {
      throw PrivateTrainingError.mixesInputs(output: output)
    }
  }

  /// The features, of shape `[samples, dimension]`.
  ///
  /// Each row depends on its own input only: rows are computed by the same operations, in the same
  /// order, whatever the other rows hold.
  ///
  /// - Parameter inputs: The trunk's inputs by name, each of shape `[samples, ...]`.
  /// - Throws: `ModelError` when the inputs are not what the trunk declares;
  ///   ``PrivateTrainingError/trunkOutput(found:)`` when its output is not `[batch, dimension]`.
  public func features(_ inputs: [String: Tensor]) throws -> Tensor {
    let batches = try InputBatches(inputs, for: graph)
    let parts = try withoutGradients {
      try batches.batches.map { batch in
        guard let value = try pass.values(batch, capturing: [output])[output], value.rank == 2
        else { throw PrivateTrainingError.trunkOutput(found: [output]) }
        return try value.cast(to: .float32)
      }
    }
    return try Tensor.concatenated(parts)
  }
}
