public import Models
public import Tensors
internal import Training

/// Runs a classifier over any number of samples, a batch at a time.
///
/// A batch size that the model declares is kept to: the last batch is filled up with samples that
/// were already seen, whose answers are dropped.
public struct Predictor: Sendable {
  private let pass: ForwardPass
  private let logitsName: String
  private let batchSize: Int
  private let isFixed: Bool

  /// - Parameters:
  ///   - graph: A model whose first output is `[batch, classes]`: logits, or a softmax of them.
  ///   - batchSize: Samples a run, above 0; the model's own where it declares one.
  /// - Throws: `ModelError` when the graph can't be evaluated.
  public init(_ graph: ModelGraph, batchSize: Int = 256) throws {
    precondition(batchSize > 0, "the batch size must be above 0, got \(batchSize)")
    guard let logitsName = graph.logitsName else {
      throw ModelError.missingValue(name: "logits", node: "the graph's outputs")
    }
    pass = try ForwardPass(graph)
    self.logitsName = logitsName
    isFixed = graph.fixedBatchSize != nil
    self.batchSize = graph.fixedBatchSize ?? batchSize
  }

  /// The logits of every sample, of shape `[samples, classes]`.
  ///
  /// - Parameter inputs: The model's inputs by name, each of shape `[samples, ...]`.
  /// - Throws: `ModelError.missingInput(name:)`, `ModelError.inputShape(name:expected:found:)`
  ///   and `ModelError.inputType(name:expected:found:)` when the inputs are not what the model
  ///   declares; ``EvaluationError/noSamples``;
  ///   ``EvaluationError/sampleCount(input:samples:expected:)``;
  ///   ``EvaluationError/outputShape(name:found:)``.
  public func logits(_ inputs: [String: Tensor]) throws -> Tensor {
    let count = try sampleCount(inputs)
    return try withoutGradients {
      let parts = try stride(from: 0, to: count, by: batchSize).map { start in
        let kept = min(batchSize, count - start)
        let rows = try batch(inputs, from: start, count: kept)
        let values = try pass.values(rows, capturing: [logitsName])
        guard let logits = values[logitsName], logits.rank == 2, logits.shape[0] >= kept else {
          throw EvaluationError.outputShape(
            name: logitsName, found: values[logitsName]?.shape ?? [])
        }
        return logits.shape[0] == kept ? logits : try logits.slice(0..<kept)
      }
      return try Tensor.concatenated(parts).detached()
    }
  }

  /// The probability of every class for every sample, of shape `[samples, classes]`.
  ///
  /// - Throws: As ``logits(_:)``.
  public func probabilities(_ inputs: [String: Tensor]) throws -> Tensor {
    try logits(inputs).softmax(axis: 1)
  }

  /// The mean of several models' probabilities, of shape `[samples, classes]`.
  ///
  /// - Parameters:
  ///   - predictors: The models, at least one.
  ///   - inputs: The models' inputs by name, each of shape `[samples, ...]`; the same for all.
  /// - Throws: As ``logits(_:)``, and ``EvaluationError/probabilityShape(expected:found:)`` when
  ///   the models differ in their number of classes.
  public static func ensemble(_ predictors: [Predictor], _ inputs: [String: Tensor]) throws
    -> Tensor
  {
    precondition(!predictors.isEmpty, "an ensemble needs at least one model")
    let first = try predictors[0].probabilities(inputs)
    let sum = try predictors.dropFirst().reduce(first) { sum, predictor in
      let next = try predictor.probabilities(inputs)
      guard next.shape == sum.shape else {
        throw EvaluationError.probabilityShape(expected: sum.shape, found: next.shape)
      }
      return try sum.adding(next)
    }
    return try sum.divided(by: Double(predictors.count))
  }

  /// The rows from `start` on; filled up to a whole batch where the model insists on one.
  private func batch(_ inputs: [String: Tensor], from start: Int, count: Int) throws
    -> [String: Tensor]
  {
    guard isFixed, count < batchSize else {
      return try inputs.mapValues { try $0.slice(start..<(start + count)) }
    }
    let rows = (0..<batchSize).map { start + $0 % count }
    return try inputs.mapValues { try $0.selecting(rows, axis: 0) }
  }

  /// Checks the inputs against what the model declares and returns the number of samples.
  private func sampleCount(_ inputs: [String: Tensor]) throws -> Int {
    var expected: Int?
    for port in pass.graph.inputs {
      guard let tensor = inputs[port.name] else { throw ModelError.missingInput(name: port.name) }
      let shape = tensor.shape
      let fits =
        shape.count == port.shape.count && !shape.isEmpty
        && zip(shape, port.shape).dropFirst().allSatisfy { $1 == nil || $0 == $1 }
      guard fits else {
        throw ModelError.inputShape(
          name: port.name, expected: [nil] + port.shape.dropFirst(), found: shape)
      }
      guard tensor.elementType == port.type else {
        throw ModelError.inputType(
          name: port.name, expected: "\(port.type)", found: "\(tensor.elementType)")
      }
      if let expected, shape[0] != expected {
        throw EvaluationError.sampleCount(
          input: port.name, samples: shape[0], expected: expected)
      }
      expected = shape[0]
    }
    guard let expected, expected > 0 else { throw EvaluationError.noSamples }
    return expected
  }
}
