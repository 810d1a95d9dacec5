internal import Foundation
public import Tensors

/// How well predicted probabilities agree with the true classes.
public struct ModelScore: Sendable, Equatable, Codable {
  /// The share of samples whose most probable class is the true one, from 0 to 1.
  public let accuracy: Double
  /// The mean of `-log p[label]`, in nats; probabilities below 2^-126 count as that.
  public let crossEntropy: Double
  /// The expected calibration error, from 0 to 1: see ``calibrationError(confidences:correct:)``.
  public let calibrationError: Double
  /// How many samples of class `row` were taken for class `column`.
  public let confusion: [[Int]]

  /// - Parameters:
  ///   - probabilities: Shape `[m, classes]`; rows sum to 1. The first of equal maxima counts.
  ///   - labels: Integers of shape `[m]` from 0.
  /// - Throws: ``EvaluationError/noSamples`` when `m` is 0,
  ///   ``EvaluationError/probabilityShape(expected:found:)`` when the shapes do not belong
  ///   together, ``EvaluationError/labelRange(classes:)`` when a label is not below the number of
  ///   classes, and ``EvaluationError/notFinite`` when a probability is infinite or NaN.
  public init(probabilities: Tensor, labels: Tensor) throws {
    let truth: [Int64] = try labels.cast(to: .int64).elements()
    guard !truth.isEmpty else { throw EvaluationError.noSamples }
    let shape = probabilities.shape
    guard shape.count == 2, shape[0] == truth.count, shape[1] > 0 else {
      throw EvaluationError.probabilityShape(
        expected: [truth.count, shape.last ?? 0], found: shape)
    }
    let classes = shape[1]
    guard truth.allSatisfy({ (0..<Int64(classes)).contains($0) }) else {
      throw EvaluationError.labelRange(classes: classes)
    }
    guard try probabilities.isFinite() else { throw EvaluationError.notFinite }

    let rows: [Double] = try probabilities.cast(to: .float64).elements()
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
    var confidences: [Double] = []
    var correct: [Bool] = []
    var surprise = 0.0
    for (sample, label) in truth.enumerated() {
      let row = rows[(sample * classes)..<((sample + 1) * classes)]
      let predicted = row.indices.reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 }
      let label = Int(label)
      confusion[label][predicted - row.startIndex] += 1
      confidences.append(row[predicted])
      correct.append(predicted - row.startIndex == label)
      surprise -= log(max(row[row.startIndex + label], Double(Float.leastNormalMagnitude)))
    }
    accuracy = Double(correct.count { $0 }) / Double(truth.count)
    crossEntropy = surprise / Double(truth.count)
    calibrationError = Self.calibrationError(confidences: confidences, correct: correct)
    self.confusion = confusion
  }

  private enum CodingKeys: String, CodingKey {
    case accuracy
    case crossEntropy = "cross_entropy"
    case calibrationError = "calibration_error"
    case confusion
  }

  /// The mean distance of confidence from accuracy over 15 bins of equal width.
  ///
  ///     ECE = sum_b |bin b| / m · |accuracy(b) - confidence(b)|,   bin b = ((b - 1) / 15, b / 15]
  ///
  /// Guo, Pleiss, Sun, Weinberger 2017, equation 3.
  ///
  /// - Parameters:
  ///   - confidences: The largest probability of every sample, from 0 to 1.
  ///   - correct: Whether that class was the true one.
  public static func calibrationError(confidences: [Double], correct: [Bool]) -> Double {
    precondition(confidences.count == correct.count, "one confidence a sample is needed")
    guard !confidences.isEmpty else { return 0 }
    let bins = 15
    // Over a bin, the sum of (correct - confidence) is |bin| (accuracy - confidence).
    var differences = [Double](repeating: 0, count: bins)
    for (confidence, isCorrect) in zip(confidences, correct) {
      let bin = min(max(Int((confidence * Double(bins)).rounded(.up)) - 1, 0), bins - 1)
      differences[bin] += (isCorrect ? 1 : 0) - confidence
    }
    return differences.reduce(0) { $0 + abs($1) } / Double(confidences.count)
  }
}
