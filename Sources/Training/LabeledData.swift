public import Tensors

/// Samples with the class of each.
public struct LabeledData: Sendable {
  /// The model's inputs by name, each of shape `[samples, ...]`.
  public let inputs: [String: Tensor]
  /// The class of every sample from 0, an `int64` tensor of shape `[samples]`.
  public let labels: Tensor

  /// - Parameters:
  ///   - inputs: The model's inputs by name, each of shape `[samples, ...]`.
  ///   - labels: Whole numbers of shape `[samples]`, of any integer type.
  /// - Throws: ``TrainingError/labelShape(found:)`` when `labels` is not that, and
  ///   ``TrainingError/sampleCount(input:samples:labels:)`` when an input has another first axis.
  public init(inputs: [String: Tensor], labels: Tensor) throws {
    guard labels.rank == 1, !labels.elementType.isFloatingPoint else {
      throw TrainingError.labelShape(found: labels.shape)
    }
    for (name, tensor) in inputs {
      let samples = tensor.shape.first ?? 0
      guard samples == labels.count else {
        throw TrainingError.sampleCount(input: name, samples: samples, labels: labels.count)
      }
    }
    self.inputs = inputs
    self.labels = try labels.cast(to: .int64)
  }

  /// The number of samples.
  public var count: Int { labels.count }

  /// The samples at `indices`, in that order.
  public func selecting(_ indices: [Int]) throws -> LabeledData {
    try selecting(Tensor(indices: indices))
  }

  func selecting(_ indices: Tensor) throws -> LabeledData {
    try LabeledData(
      inputs: inputs.mapValues { try $0.selecting(indices, axis: 0) },
      labels: labels.selecting(indices, axis: 0))
  }
}
