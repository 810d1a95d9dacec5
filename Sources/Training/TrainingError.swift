/// What can be wrong with a training set or with a run of training.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// There is nothing to train on.
  case noSamples
  /// An input and the labels differ in their number of samples.
  case sampleCount(input: String, samples: Int, labels: Int)
  /// Labels are not one whole number a sample.
  case labelShape(found: [Int])
  /// Some label names no class; says nothing of which.
  case labelRange(classes: Int)
  /// The model's output is not one row of logits a sample.
  case outputShape(name: String, found: [Int])
  /// The loss or a parameter became infinite or NaN.
  case diverged(step: Int)

  public var description: String {
    switch self {
    case .noSamples:
      "the training set is empty: give at least one labelled sample"
    case .sampleCount(let input, let samples, let labels):
      "input '\(input)' holds \(samples) samples but there are \(labels) labels"
    case .labelShape(let found):
      "labels must be whole numbers of shape [samples], got the shape \(found)"
    case .labelRange(let classes):
      """
      labels must be from 0 to \(classes - 1), because the model tells \(classes) classes apart; \
      some are not
      """
    case .outputShape(let name, let found):
      "the model's output '\(name)' must have the shape [samples, classes], got \(found)"
    case .diverged(let step):
      """
      training diverged at step \(step): the loss or a parameter is not finite; lower the \
      learning rate, or check the inputs' scale
      """
    }
  }
}
