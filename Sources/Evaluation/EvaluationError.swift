/// What can be wrong with what is to be scored.
public enum EvaluationError: Error, Equatable, CustomStringConvertible {
  /// There is nothing to score.
  case noSamples
  /// Inputs differ in their number of samples.
  case sampleCount(input: String, samples: Int, expected: Int)
  /// A model's output is not one row of logits a sample.
  case outputShape(name: String, found: [Int])
  /// Probabilities and labels, or the outputs of an ensemble, do not belong together.
  case probabilityShape(expected: [Int], found: [Int])
  /// Some label names no class; says nothing of which.
  case labelRange(classes: Int)
  /// A probability is not finite.
  case notFinite
  /// Ranks need samples of a class and samples of others.
  case oneClass(class: Int)

  public var description: String {
    switch self {
    case .noSamples:
      "there is nothing to score: give at least one sample"
    case .sampleCount(let input, let samples, let expected):
      "input '\(input)' holds \(samples) samples where others hold \(expected)"
    case .outputShape(let name, let found):
      "the model's output '\(name)' must have the shape [samples, classes], got \(found)"
    case .probabilityShape(let expected, let found):
      "expected probabilities of shape \(expected), got \(found)"
    case .labelRange(let classes):
      "labels must be from 0 to \(classes - 1), because there are \(classes) classes; some are not"
    case .notFinite:
      "the model's output is not finite: check the inputs' scale and the model's parameters"
    case .oneClass(let label):
      """
      a rank statistic needs samples of class \(label) and samples of other classes: give test data \
      that hold both
      """
    }
  }
}
